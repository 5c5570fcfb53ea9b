/** What a ledger entry that is resumed needs of the sources and sinks of the job. */
import type { LedgerEntry } from '../contracts/ledger.ts'
import { FatalError } from '../errors.ts'
import { calling } from '../partFailed.ts'
import type { OperatorId } from '../record.ts'
import type { changedEntry } from './change/jobChange.ts'
import type { OpenEnds } from './openEnds.ts'
import type { BuiltPipeline } from './pipeline.ts'

/** Throws Fatal SINK_MISSING or SOURCE_MISSING if the job no longer has one of them. */
export function hasItsEnds(
  { handles, positions }: LedgerEntry,
  { readers, writers }: Pick<OpenEnds, 'readers' | 'writers'>,
): void {
  const orphaned = Object.keys(handles).find((sink) => !writers.has(sink))
  if (orphaned !== undefined) throw sinkMissing(orphaned)
  const dropped = positions.find(({ source }) => !readers.has(source))
  if (dropped !== undefined) throw sourceMissing(dropped.source)
}

/** Finishes what the sinks have prepared for its checkpoint; a second time is harmless. */
export async function rollForward({ checkpoint, handles }: LedgerEntry, writers: OpenEnds['writers']): Promise<void> {
  for (const [id, writer] of writers) {
    const handle = handles[id] ?? null
    if (handle !== null) await calling({ id }, 'commit', () => writer.commit?.(checkpoint, handle))
  }
}

/** What of the sources and sinks of a job decides which parts of an entry may be dropped. */
export function endsOf({
  feeds,
  outputs,
}: Pick<BuiltPipeline, 'feeds' | 'outputs'>): Parameters<typeof changedEntry>[2] {
  const topics = new Map(feeds.map(({ source }) => [source.id, source.topics]))
  const sinks = new Set(outputs.map(({ sink }) => sink.id))
  return { has: (id) => topics.has(id) || sinks.has(id), topicsOf: (source) => topics.get(source) }
}

function sourceMissing(operator: OperatorId): FatalError {
  return new FatalError(
    'SOURCE_MISSING',
    `the last checkpoint has offsets of the source "${operator}", which the job no longer has`,
    {
      where: { operator },
      hint: `Restore the source or its previous id, or name that id in renamedFrom. To drop its offsets on purpose: defineJob(..., { allowDropped: { sources: ['${operator}'] } })`,
    },
  )
}

/** Only the handle's own sink can roll it forward, or tell that this has been done. */
function sinkMissing(operator: OperatorId): FatalError {
  return new FatalError(
    'SINK_MISSING',
    `the last checkpoint has prepared output of the sink "${operator}", which the job no longer has`,
    {
      where: { operator },
      hint: `Restore the sink or its previous id, or name that id in renamedFrom. To drop this output on purpose: defineJob(..., { allowDropped: { sinks: ['${operator}'] } })`,
    },
  )
}
