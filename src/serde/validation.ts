/** What validators of every kind come to. */
export interface Validation<T> {
  /** Throws TypeError, naming path, what was expected and of what type it is. */
  read(parsed: unknown): T
  /** What is to be written for the value. */
  write(value: T): unknown
}
