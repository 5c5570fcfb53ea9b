/** What a page shows, wherever it is known from. */
import type { Steering } from './subject.ts'
import type { Parts } from './view.ts'

export type Part = keyof Parts

export interface Shown extends Steering {
  /** All parts of this page. */
  readonly parts: readonly Part[]
  part(part: Part): unknown
  /** Calls back with parts that changed by themselves, until the returned function is called. */
  watch(changed: (parts: readonly Part[]) => void): () => void
  /**
   * Reads what is known only by reading, while somebody looks. Settles within 3 s, so that an open
   * page does not take the process for dead, and never rejects. The returned function takes the
   * reading over, and returns the parts that it has changed.
   */
  read(): Promise<() => readonly Part[]>
  /** Pause between two readings, ms. */
  readonly interval: number
  /** Nobody looks, so nothing is read for a while. */
  pause(): void
  /** Whether somebody has asked for the end. Returns the parts that this changes. */
  stopping(asked: boolean): readonly Part[]
}
