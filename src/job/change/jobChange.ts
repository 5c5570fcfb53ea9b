/**
 * What a new version of a job says about the checkpoint of an older one: which ids are former names
 * of present ones, and what may be dropped. Whatever it does not say refuses the start.
 */
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { OperatorId, SourcePosition } from '../../record.ts'
import type { Job } from '../defineJob.ts'

export interface JobChange {
  /** Present ids by former ones. */
  readonly renamed: ReadonlyMap<OperatorId, OperatorId>
  readonly dropsSource: (source: OperatorId) => boolean
  readonly dropsSink: (sink: OperatorId) => boolean
}

/** A version that changes no id. */
export const unchanged: JobChange = { renamed: new Map(), dropsSource: () => false, dropsSink: () => false }

export function changeOf({
  renamedFrom = {},
  allowDropped = {},
}: Pick<Job, 'renamedFrom' | 'allowDropped'>): JobChange {
  const { sources = [], sinks = [] } = allowDropped
  return {
    renamed: new Map(Object.entries(renamedFrom).map(([present, former]) => [former, present])),
    dropsSource: (source) => sources.includes(source),
    dropsSink: (sink) => sinks.includes(sink),
  }
}

/** What an attempt knows of the version of its job. */
export function versionOf(job: Pick<Job, 'renamedFrom' | 'allowDropped'>) {
  return { allowDroppedState: job.allowDropped?.state ?? false, change: changeOf(job) }
}

/**
 * Present names of ids found in a checkpoint. An id whose present name is there as well has been
 * renamed at an earlier start, and somebody else has its former name now.
 */
export function presentNames(
  { renamed }: Pick<JobChange, 'renamed'>,
  found: Iterable<OperatorId>,
): (id: OperatorId) => OperatorId {
  const known = new Set(found)
  return (id) => {
    const present = renamed.get(id)
    return present === undefined || known.has(present) ? id : present
  }
}

/** Present names of the operators that have state in a snapshot. */
export function presentNamesIn(
  change: Pick<JobChange, 'renamed'>,
  snapshot: NamedStates,
): (id: OperatorId) => OperatorId {
  return presentNames(change, operatorsIn(snapshot))
}

/** Operators that have state in a snapshot. */
export function operatorsIn({ states, header }: NamedStates): readonly OperatorId[] {
  return [...new Set([...states.keys(), ...header.operators.map(({ operator }) => operator)])]
}

/** What of a snapshot has names of operators. */
export interface NamedStates {
  readonly states: ReadonlyMap<OperatorId, unknown>
  readonly header: { readonly operators: readonly { readonly operator: OperatorId }[] }
}

/** Topics that a source reads; undefined: unknown. */
export type TopicsOf = (source: OperatorId) => readonly string[] | undefined

/**
 * Positions and handles under their present names, without what may be dropped and is no longer
 * there. The same object if nothing has changed.
 */
export function changedEntry(
  entry: LedgerEntry,
  change: JobChange,
  ends: { readonly has: (id: OperatorId) => boolean; readonly topicsOf: TopicsOf },
): LedgerEntry {
  const { has, topicsOf } = ends
  const sourceName = presentNames(
    change,
    entry.positions.map(({ source }) => source),
  )
  const sinkName = presentNames(change, Object.keys(entry.handles))
  const kept = ({ source, splits }: SourcePosition): SourcePosition => {
    const topics = change.dropsSource(source) ? topicsOf(source) : undefined
    return { source, splits: topics === undefined ? splits : splits.filter(({ topic }) => topics.includes(topic)) }
  }
  const positions = entry.positions
    .map(({ source, splits }) => ({ source: sourceName(source), splits }))
    .filter(({ source }) => has(source) || !change.dropsSource(source))
    .map(kept)
  const handles = Object.entries(entry.handles)
    .map(([sink, handle]) => [sinkName(sink), handle] as const)
    .filter(([sink]) => has(sink) || !change.dropsSink(sink))
  const isSame =
    positions.length === entry.positions.length &&
    positions.every(({ source, splits }, at) => {
      const before = entry.positions[at]
      return before?.source === source && before.splits.length === splits.length
    }) &&
    handles.length === Object.keys(entry.handles).length &&
    handles.every(([sink]) => Object.hasOwn(entry.handles, sink))
  return isSame
    ? entry
    : { ...entry, positions, handles: Object.assign(Object.create(null), Object.fromEntries(handles)) }
}
