/** What a source and a sink do with a serde, in short. */
import type { Serde } from 'rxweft'

export async function written<T>(serde: Serde<T>, value: T): Promise<Buffer> {
  await serde.open?.()
  return serde.encode(value) as Buffer
}

export async function read<T>(serde: Serde<T>, bytes: Buffer | null): Promise<T> {
  await serde.prepare?.(bytes)
  return serde.decode(bytes)
}
