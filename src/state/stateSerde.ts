/** Values of state as they come back from a snapshot: of this version, or upgraded to it step by step. */

import type { OperatorId } from '../element.ts'
import { FatalError } from '../errors.ts'
import type { TableSpec } from './table.ts'

export interface OwnedSpec<V> extends TableSpec<V> {
  readonly operator: OperatorId
}

/** Throws what the serde or a migration throws, and Fatal STATE_TOO_NEW or MIGRATION_MISSING. */
export function decodeState<V>(spec: OwnedSpec<V>, bytes: Buffer | null, from: number): V {
  const { operator, serde, version = 1, migrate } = spec
  if (from === version) return serde.decode(bytes)
  if (from > version) throw tooNew(operator, from, version)
  let value: unknown = serde.parse === undefined ? serde.decode(bytes) : serde.parse(bytes)
  for (let old = from; old < version; old++) {
    const upgrade = migrate?.[old]
    if (upgrade === undefined) throw missing(operator, old, version)
    value = upgrade(value as never)
  }
  // There and back, so that what a migration makes is checked as everything else is.
  const encoded = serde.encode(value as V)
  return serde.decode(encoded === null ? null : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength))
}

function tooNew(operator: OperatorId, from: number, version: number): FatalError {
  return new FatalError('STATE_TOO_NEW', `the state has version ${from}, and the job knows up to ${version}`, {
    where: { operator },
    hint: 'Run the version of the job that wrote it, or a later one',
  })
}

function missing(operator: OperatorId, from: number, version: number): FatalError {
  return new FatalError(
    'MIGRATION_MISSING',
    `the state has version ${from}, the job has ${version}, and nothing leads there`,
    {
      where: { operator },
      hint: `Set migrate: { ${from}: (old) => ... }, which makes a value of version ${from + 1}`,
    },
  )
}
