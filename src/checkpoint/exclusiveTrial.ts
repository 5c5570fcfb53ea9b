import { Buffer } from 'node:buffer'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { FatalError, RxweftError } from '../errors.ts'

/**
 * Two puts of one key, the second of which must fail: some servers ignore conditional writes, and a
 * ledger there would let two runs decide the same checkpoint. Not every server that passes is
 * exclusive, since two puts at the same moment are not tried.
 *
 * Rejects with Fatal STORAGE_NOT_EXCLUSIVE, and with what ends a put or a remove.
 *
 * @param key that nobody else uses
 */
export async function exclusiveTrial(storage: CheckpointStorage, key: string): Promise<void> {
  await storage.put(key, Buffer.from('first'))
  const second = await storage.put(key, Buffer.from('second')).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  await storage.remove(key)
  if (second === null) throw notExclusive(storage.place)
  if (!(second instanceof RxweftError && second.code === 'KEY_EXISTS')) throw second
}

function notExclusive(place: string): FatalError {
  return new FatalError(
    'STORAGE_NOT_EXCLUSIVE',
    `${place} overwrites existing keys, so the ledger of the job cannot be kept there`,
    {
      hint: "Use a server that keeps to conditional writes (If-None-Match), or a sink whose ledger is Kafka's or an embedded log's. Nothing was decided",
    },
  )
}
