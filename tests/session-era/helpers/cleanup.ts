type Closer = () => unknown;

const closers: Closer[] = [];

/** Has something closed when the test is over; what was opened last is closed first. */
export function closeLater(closer: Closer): void {
  closers.push(closer);
}

/** Closes what the test opened. Meant for `afterEach`. */
export async function closeEverything(): Promise<void> {
  for (const closer of closers.splice(0).reverse()) await closer();
}
