/** What the flow must know of the moment. */
export interface FlowState {
  /** `draining` refuses new sessions; `closed` refuses everything. */
  readonly phase: 'open' | 'draining' | 'closed';
  /** Changes whenever somebody who was let in before might not be let in now. */
  readonly accessVersion: number;
}
