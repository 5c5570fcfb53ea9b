/**
 * Values under write-once keys with rising numbers, in a storage: the newest counts. Whoever knows
 * the newest number puts the next one, which is a compare-and-set.
 *
 *   uppercase/0/ledger/...033   ...034 <- current   ...035 <- the first put decides
 *
 * Only the last two are kept, so a writer may sleep until its next number is free again; it then
 * finds a higher one after its put, and removes its own. (The same happens to a writer whose value
 * was already built upon before it looked: that value did count, but the writer is overtaken all
 * the same.)
 */
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, RxweftError } from '../errors.ts'

export interface NumberedKeys {
  /** Number, bytes and key of the newest value; number 0 if there is none. */
  newest(): Promise<Newest>
  /**
   * Puts the value with this number, one above that of the newest. Rejects with the result of
   * `overtaken` if another one was there first, and with whatever ends a `put`.
   */
  append(number: number, bytes: Uint8Array, overtaken: (cause?: unknown) => Error): Promise<void>
}

export interface Newest {
  readonly number: number
  readonly bytes: Uint8Array | null
  /** Place for messages. */
  readonly place: string
}

export interface NumberedNames {
  readonly prefix: string
  keyOf(number: number): string
  /** Null for other keys. */
  numberOf(key: string): number | null
}

/**
 * A value may be removed between list and get, because a newer one has come. A healthy storage does
 * not move this often.
 */
const readTries = 100

export function numberedKeys(storage: CheckpointStorage, { prefix, keyOf, numberOf }: NumberedNames): NumberedKeys {
  async function numbers(): Promise<readonly number[]> {
    return (await storage.list(prefix)).flatMap((key) => numberOf(key) ?? [])
  }

  /** Old values are garbage, and failing to remove them must not fail a finished append. */
  async function discard(number: number): Promise<void> {
    await storage.remove(keyOf(number)).catch(() => undefined)
  }

  return {
    async newest() {
      for (let tries = 0; tries < readTries; tries++) {
        const number = (await numbers()).at(-1) ?? 0
        const key = keyOf(number)
        const bytes = number === 0 ? null : await storage.get(key)
        if (number === 0 || bytes !== null) return { number, bytes, place: `${key} in ${storage.place}` }
      }
      throw vanishing(storage.place)
    },
    async append(number, bytes, overtaken) {
      const key = keyOf(number)
      await storage.put(key, bytes).catch((thrown) => {
        throw isTaken(thrown) ? overtaken(thrown) : thrown
      })
      const known = await numbers()
      if (known.some((other) => other > number)) {
        await storage.remove(key)
        throw overtaken()
      }
      for (const old of known.filter((other) => other < number - 1)) await discard(old)
    },
  }
}

function isTaken(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'KEY_EXISTS'
}

function vanishing(place: string): CorruptedError {
  return new CorruptedError(
    'LEDGER_DAMAGED',
    `the newest entry of the ledger in ${place} is listed and cannot be read`,
    {
      hint: 'Check that the storage shows the same files to all its users',
    },
  )
}
