/** Common form of all validators. */
export interface Validation<T> {
  /** Throws TypeError, naming path, expectation and actual type. */
  read(parsed: unknown): T
  /** Returns the form of the value to write. */
  write(value: T): unknown
}
