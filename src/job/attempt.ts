/**
 * One attempt, a run of the job between two failures: recover, wire sources to outputs, take
 * checkpoints, until the final one. All failures go to `attempt.fail`; the maker of the attempt
 * acts on the first one and closes everything.
 */
import type { CheckpointSettings } from '../checkpoint/settings.ts'
import { onAbort } from '../clock.ts'
import type { LedgerEntry } from '../contracts/ledger.ts'
import type { RepartitionReader } from '../contracts/repartition.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { restore, withKeySlots } from '../element.ts'
import { keySlotsOf } from '../keySlots.ts'
import type { CheckpointId } from '../record.ts'
import type { Committable } from '../sinks/sink.ts'
import type { StateBackend } from '../state/memoryState.ts'
import { keyedState } from '../state/store.ts'
import { activity } from './activity.ts'
import { attachment } from './attachment.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import type { Reset } from './change/reset.ts'
import { checkFed } from './checkFed.ts'
import { checkPassed } from './checkPassed.ts'
import { checkpointing } from './checkpointing.ts'
import { completion } from './completion.ts'
import type { JobEvent } from './events.ts'
import { attemptView } from './metrics/attemptView.ts'
import type { AttemptView } from './metrics/shardMetrics.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { pump } from './pump.ts'
import { type Recovered, recover } from './recover.ts'
import type { SavepointStart } from './savepoints/savepointStart.ts'
import type { Claim } from './takeOver.ts'
import { failOnUncaught } from './uncaught.ts'

export interface AttemptPlan {
  readonly attempt: OwnedAttempt
  readonly pipeline: BuiltPipeline
  /** Makes another one. */
  readonly rehearsal: () => BuiltPipeline
  readonly storage: CheckpointStorage
  readonly state: StateBackend
  readonly settings: CheckpointSettings
  readonly claim: Claim
  /** Lineages that the job may abandon to begin anew. */
  readonly abandoned: readonly string[]
  /** Savepoint from which the job begins. Default: none. */
  readonly from?: SavepointStart | undefined
  /** Reset of sources. Default: none. */
  readonly reset?: Reset | undefined
  readonly tell: (event: JobEvent) => void
  /** Aborted when a graceful stop is requested, possibly before the attempt runs. */
  readonly stopRequested: AbortSignal
  /** Receives what metrics read of the attempt, once it runs. Default: nobody reads it. */
  readonly measured?: (view: AttemptView) => void
}

/** Runs until a final checkpoint is committed, and resolves with it. */
export async function runAttempt(plan: AttemptPlan): Promise<CheckpointId> {
  const { attempt, tell } = plan
  tell({ type: 'started', attempt: attempt.attempt })
  failOnUncaught(attempt)
  const outputs = subscribe(plan)
  await attempt.openResource(plan.state, keyedState)
  const { pipeline, storage, claim, abandoned, rehearsal } = plan
  const recovered = await recover(attempt, pipeline, storage, claim, abandoned, rehearsal, plan.from, plan.reset)
  attempt.signal.throwIfAborted()
  begin(plan, recovered)
  await recovered.loadEntries(attempt.opened(keyedState))
  attempt.signal.throwIfAborted()
  // An operator that refused its restored state has failed by now, though the attempt may not know
  // yet.
  if (outputs.failure !== null) throw outputs.failure.thrown
  checkFed(attempt, plan.pipeline)
  await recovered.settle()
  attempt.signal.throwIfAborted()
  const tables = attempt.opened(keyedState)
  plan.measured?.(attemptView({ attempt, feeds: pipeline.feeds, readers: recovered.readers, tables }))
  tell({ type: 'restored', checkpoint: recovered.entry.checkpoint })
  return new Promise((finish) => takeCheckpoints(plan, recovered, outputs, finish))
}

/** Sends the Restore through the pipeline: operators open their states, which are then filled. */
export function begin(
  { attempt, pipeline, tell }: Pick<AttemptPlan, 'attempt' | 'pipeline' | 'tell'>,
  {
    entry,
    states,
    readers,
  }: Pick<Recovered, 'states' | 'readers'> & { readonly entry: Pick<LedgerEntry, 'checkpoint'> },
): void {
  const restored = restore(entry.checkpoint, states, attempt)
  pipeline.badRecords.begin(restored, pipeline.branches, tell)
  for (const fed of pipeline.feeds) {
    const reader: Partial<RepartitionReader<unknown>> | undefined = readers.get(fed.source.id)
    const position = reader?.position?.() ?? []
    const keySlots = keySlotsOf(reader, attempt.slots.length)
    fed.begin(withKeySlots(restored, keySlots), position, (held) => reader?.hold?.(held))
    reader?.onMarker?.(fed.mark)
    if (attempt.shards > 1 && position.length === 0) fed.idle()
  }
}

/** Subscribed outputs. Nothing flows before the feeds run, so the collector may be set later. */
export interface Outputs {
  collect(committable: Committable): void
  /** True once the final barrier has been emitted. */
  final: boolean
  /** Error of the first output that failed. */
  failure: { readonly thrown: unknown } | null
}

export function subscribe({ attempt, pipeline }: Pick<AttemptPlan, 'attempt' | 'pipeline'>): Outputs {
  const outputs: Outputs = { collect: () => undefined, final: false, failure: null }
  const attached = attachment(pipeline, {
    next: (committable) => outputs.collect(committable),
    error(thrown) {
      outputs.failure ??= { thrown }
      attempt.fail(thrown)
    },
    isFinal: () => outputs.final,
  })
  onAbort(attempt.signal, attached.stop)
  attached.start()
  return outputs
}

/** Connects checkpoints and outputs, and starts the feeds. */
function takeCheckpoints(
  plan: AttemptPlan,
  recovered: Recovered,
  outputs: Outputs,
  finish: (last: CheckpointId) => void,
): void {
  const { attempt, pipeline } = plan
  /** True once all sources have ended. */
  let over = false
  /** The final checkpoint, once it is triggered. */
  let last: CheckpointId | undefined
  const tell = (event: JobEvent): void => {
    plan.tell(event)
    if (event.type === 'checkpoint-committed') pipeline.badRecords.committed(event.checkpoint)
  }
  const since = activity(attempt.barriers)
  const positions = () => pipeline.feeds.map(({ source }) => recovered.readers.get(source.id)?.position() ?? [])
  const checkpoints = checkpointing({
    attempt,
    settings: plan.settings,
    completion: completion(
      attempt,
      attempt.opened(pipeline.ledger),
      recovered.storage,
      recovered,
      (one) => one === last,
    ),
    outputs: pipeline.outputs.length,
    tell,
    isIdle: () => since.isIdle(positions()),
    trigger(checkpoint, final) {
      outputs.final = final
      if (final) last = checkpoint
      const now = positions()
      since.barrier(now)
      for (const [at, fed] of pipeline.feeds.entries()) fed.barrier(checkpoint, now[at] ?? [], final && over)
      checkPassed(checkpoint, attempt.barriers, pipeline)
      attempt.probe('barrier', checkpoint)
      if (final) for (const fed of pipeline.feeds) fed.complete()
    },
    finish,
  })
  outputs.collect = checkpoints.collect
  attempt.barriers.onWritten(checkpoints.active)
  checkpoints.start(recovered.entry.checkpoint, plan.claim.admitted !== undefined)
  startFeeds(plan, recovered, checkpoints.active, () => {
    over = true
    checkpoints.exhausted()
  })
  onAbort(plan.stopRequested, checkpoints.stop, attempt.signal)
}

/**
 * @param moved called when the position of a source may have moved
 * @param exhausted called when all sources have ended
 */
function startFeeds(
  { attempt, pipeline }: AttemptPlan,
  { readers }: Recovered,
  moved: () => void,
  exhausted: () => void,
): void {
  const ends = pipeline.feeds.map(async (fed) => {
    const reader = readers.get(fed.source.id)
    if (reader !== undefined) await pump(fed, reader, attempt, moved)
  })
  Promise.all(ends).then(exhausted, attempt.fail)
}
