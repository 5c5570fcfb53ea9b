/**
 * Sets sources to other positions, once: the ledger entry keeps the name of the reset, so a restart
 * of the same program finds that it has acted.
 */
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { SourceReader } from '../../contracts/source.ts'
import type { StartPosition } from '../../contracts/startPosition.ts'
import { FatalError } from '../../errors.ts'
import { calling } from '../../partFailed.ts'
import type { OperatorId, SourcePosition, Split } from '../../record.ts'
import type { BuiltPipeline } from '../pipeline.ts'

/** Explicit reset of sources, as the option `reset` of `execute`. */
export interface Reset {
  /**
   * Name of the reset, of your choice. A job carries out a reset of one name once; to reset again,
   * choose another name.
   */
  readonly name: string
  /**
   * New positions by id of the source: `'earliest'`, `'latest'`, `{ timestamp }`, or offsets of
   * partitions; partitions without an offset begin at their start.
   */
  readonly sources: Readonly<Record<OperatorId, StartPosition>>
}

/** What a reset does to a source. */
export interface SourceReset {
  readonly source: OperatorId
  /** Splits whose offsets change; what lies between is processed again, or skipped. */
  readonly splits: readonly (Split & { readonly from: number; readonly to: number })[]
}

export interface ResetParts {
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly feeds: BuiltPipeline['feeds']
  /** The part of positions that this shard reads. */
  readonly own: (positions: readonly SourcePosition[]) => readonly SourcePosition[]
}

/** Names of resets that an entry has carried out. */
export function resetsOf(entry: Pick<LedgerEntry, 'resets'> | null): Pick<LedgerEntry, 'resets'> {
  return entry?.resets === undefined || entry.resets.length === 0 ? {} : { resets: entry.resets }
}

/** The entry after the reset, unless it has been carried out; and what that does. */
export async function resetEntry(
  entry: LedgerEntry,
  reset: Reset | undefined,
  { readers, feeds, own }: ResetParts,
): Promise<{ readonly entry: LedgerEntry; readonly done: readonly SourceReset[] }> {
  if (reset === undefined || entry.resets?.includes(reset.name)) return { entry, done: [] }
  const done: SourceReset[] = []
  const positions = new Map(entry.positions.map((position) => [position.source, position]))
  for (const [source, start] of Object.entries(reset.sources)) {
    const reader = readers.get(source)
    if (reader === undefined) throw unknownSource(source, [...readers.keys()])
    if (feeds.find((fed) => fed.source.id === source)?.source.startsAnywhere !== true) throw cannotReset(source)
    const splits = await calling({ id: source }, 'resolve', () => reader.resolve(start))
    const [position] = own([{ source, splits }])
    if (position === undefined) continue
    const before = positions.get(source)?.splits ?? []
    positions.set(source, position)
    const changes = position.splits.flatMap(({ topic, partition, offset: to }) => {
      const from = before.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0
      return from === to ? [] : [{ topic, partition, from, to }]
    })
    done.push({ source, splits: changes })
  }
  const resets = [...(entry.resets ?? []), reset.name]
  return { entry: { ...entry, positions: [...positions.values()], resets }, done }
}

function unknownSource(source: OperatorId, known: readonly OperatorId[]): FatalError {
  return new FatalError('CANNOT_RESET', `reset names the source "${source}", which the job does not have`, {
    where: { operator: source },
    hint: `Name one of its sources: ${known.map((id) => `"${id}"`).join(', ')}. Nothing was written`,
  })
}

function cannotReset(source: OperatorId): FatalError {
  return new FatalError('CANNOT_RESET', 'the source can only begin at its start', {
    where: { operator: source },
    hint: 'Only topics of Kafka and of an embedded log can be reset, and repartition topics cannot. Nothing was written',
  })
}
