/** What bytes are written to without a stream in between: a response of Node, for example. */
export interface ByteSink {
  /** False when it has enough for now; then `drained` is called when it wants more. It must not throw. */
  write(bytes: Uint8Array): boolean;
  /** Nothing more will come. */
  end(): void;
  /** It has broken off: what was written is not all. */
  fail(error: Error): void;
}

/** The other end of a sink. */
export interface ByteSource {
  /** The sink wants more. */
  drained(): void;
  /** Nobody reads any more. */
  cancel(): void;
}

/** Where a stream that is read gets its bytes from. */
export interface DirectStreamSource {
  start(controller: DirectStreamController): void;
  /** The reader wants more. */
  pull(): void;
  /** Nobody reads any more. */
  cancel(): void;
}

/** What a stream that is read is filled by: that of a `ReadableStream`. */
export interface DirectStreamController {
  enqueue(bytes: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}

/**
 * A stream that whoever can write for itself may take past the stream: reading one costs more than writing its bytes does. Once it
 * is connected it must not be read.
 */
export class DirectStream extends ReadableStream<Uint8Array> {
  readonly #connect: (sink: ByteSink) => ByteSource;

  constructor(source: DirectStreamSource, connect: (sink: ByteSink) => ByteSource) {
    super(source, { highWaterMark: 0 });
    this.#connect = connect;
  }

  /** Has everything written to a sink, from now on. */
  connect(sink: ByteSink): ByteSource {
    return this.#connect(sink);
  }
}
