/** The shards of a job on one member: a keeper for each, and what runs in this process. */
import type { Clock } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { Membership, ShardReport } from '../../contracts/members.ts'
import type { Plan, PlanStore } from '../../contracts/plan.ts'
import { type RxweftError, toRxweftError } from '../../errors.ts'
import { isEnd, type JobEvent } from '../events.ts'
import { unexpected } from '../jobHandle.ts'
import { idleKeeper, type KeeperCommand, type KeeperEvent, type KeeperState, look, report } from '../shards/keeper.ts'
import { hangsAfter } from '../shards/pulse.ts'
import { isFree, isTargetReady } from './shardFacts.ts'
import type { ShardRun, StartShard } from './shardRun.ts'

export interface KeptShardsParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly me: string
  readonly membership: Membership
  readonly store: Pick<PlanStore, 'entry' | 'glimpse'>
  readonly start: StartShard
  /** Time since the last sign of life of each shard's thread, ms. */
  readonly silences: () => ReadonlyMap<number, number>
  /** Whether the member says that it runs the shard, and makes no progress. */
  readonly hangs: (member: string, shard: number) => boolean
  readonly tell: (event: JobEvent) => void
  /** Called after each report of a shard. */
  readonly changed: () => void
}

export interface KeptShards {
  /** States of all shards, by number. */
  readonly states: readonly KeeperState[]
  /** True if nothing runs in this process, or waits to run. */
  readonly quiet: boolean
  /** Does what follows from the plan. `evacuates`: gives everything up. */
  look(plan: Plan, evacuates: boolean): void
  /** Ends all runs; no more begin. */
  end(how: 'stop' | 'cancel'): void
  /** What this member says about its shards. */
  reports(): Readonly<Record<number, ShardReport>>
}

interface Kept {
  state: KeeperState
  run: ShardRun | null
  /** Whether a plan has given the shard to another member since that run began. */
  hasLeft: boolean
  /** Whether the shard was free when the ledger was last asked. */
  free: boolean
  asking: boolean
  /** Time of the last command, ms. */
  at: number
}

/** Interval of asking the ledger for a shard that this member waits for, ms. */
const interval = 50

/** The same while the shard is not open yet, so that an answer is there once it is. */
const early = 250

export function keptShards(parts: KeptShardsParts): KeptShards {
  const { clock, signal, me, membership, store, tell, changed } = parts
  const all: Kept[] = []
  let plan: Plan | null = null
  let ending: 'stop' | 'cancel' | null = null

  function grow(count: number): void {
    while (all.length < count)
      all.push({ state: idleKeeper, run: null, hasLeft: false, free: false, asking: false, at: 0 })
  }

  function perform(shard: number, kept: Kept, command: KeeperCommand, its: Plan): void {
    kept.at = clock.monotonic()
    switch (command.type) {
      case 'warm':
        tell({ type: 'shard-warming', shard, plan: its.number })
        kept.free = false
        return begin(shard, kept, its)
      case 'run':
        return kept.run?.go({ number: its.number, free: kept.free })
      case 'release':
        return kept.run?.release(command.plan)
      case 'cancel':
        kept.run?.cancel().catch(() => undefined)
    }
  }

  function begin(shard: number, kept: Kept, its: Plan): void {
    const run = parts.start(shard, its, (step) => {
      if (kept.run !== run || kept.state.phase !== 'warming') return
      reported(shard, kept, { type: step })
      if (step === 'loaded') tell({ type: 'shard-ready', shard, plan: its.number, duration: since(kept) })
    })
    kept.run = run
    kept.hasLeft = false
    run.events$.subscribe((event) => heard(shard, kept, event))
    const end = (event: KeeperEvent | null): void => {
      kept.run = null
      if (event === null) return changed()
      const { phase } = kept.state
      reported(shard, kept, event)
      if (phase === 'releasing' && event.type === 'stopped')
        tell({ type: 'shard-released', shard, checkpoint: kept.state.checkpoint, duration: since(kept) })
    }
    run.done.then(
      // What was cancelled is idle already.
      ({ outcome }) => end(outcome === 'cancelled' ? null : { type: outcome === 'finished' ? 'finished' : 'stopped' }),
      (thrown) => end(endOf(toRxweftError(thrown, unexpected), ending === 'stop')),
    )
  }

  const since = ({ at }: Kept): number => Math.round(clock.monotonic() - at)

  function heard(shard: number, kept: Kept, event: JobEvent): void {
    // The end of one run is no end of the job.
    if (!isEnd(event)) tell({ ...event, shard })
    const { phase, checkpoint } = kept.state
    if (event.type === 'restored' && phase === 'running' && kept.at > 0) {
      tell({ type: 'shard-taken-over', shard, checkpoint: event.checkpoint, duration: since(kept) })
      kept.at = 0
    }
    const idles = event.type === 'idle'
    const wakes = event.type === 'checkpoint-triggered' || event.type === 'restored'
    if (idles || (wakes && kept.state.idle)) reported(shard, kept, { type: 'idle', idle: idles })
    if ((event.type === 'restored' || event.type === 'checkpoint-committed') && event.checkpoint !== checkpoint)
      reported(shard, kept, { type: 'committed', checkpoint: event.checkpoint })
  }

  function reported(shard: number, kept: Kept, event: KeeperEvent): void {
    kept.state = report(kept.state, event, clock.monotonic())
    if (event.type === 'failed') tell({ type: 'shard-failed', shard, error: event.error, member: me })
    changed()
  }

  /** Asks the ledger whether the shard is free, again and again while this member waits for it. */
  async function ask(shard: number, kept: Kept): Promise<void> {
    if (kept.asking) return
    kept.asking = true
    while (!signal.aborted && asks(kept.state) && plan !== null) {
      const entry = await (store.glimpse ?? store.entry)(shard).catch(() => null)
      kept.free = isFree(plan, me, shard, entry, membership.records, (member) => parts.hangs(member, shard))
      if (kept.free) changed()
      await sleep(clock, waits(kept.state) ? interval : early, signal)
    }
    kept.asking = false
  }

  return {
    get states() {
      return all.map(({ state }) => state)
    },
    get quiet() {
      return all.every(({ run }) => run === null)
    },
    look(newest, evacuates) {
      plan = newest
      grow(newest.owners.length)
      if (ending !== null) return
      const silences = parts.silences()
      for (const [shard, kept] of all.entries()) {
        // What was cancelled still ends.
        if (kept.state.phase === 'idle' && kept.run !== null) continue
        const mine = newest.owners[shard] === me
        kept.hasLeft ||= !mine
        const hangs = (silences.get(shard) ?? 0) > hangsAfter
        const { state, command } = look(kept.state, {
          now: clock.monotonic(),
          plan: newest.number,
          mine,
          targetReady: isTargetReady(newest, membership.records, shard),
          free: kept.free,
          evacuates: evacuates || isClosed(newest, shard),
          isLost: kept.state.plan < (newest.since?.[shard] ?? 0) || (mine && kept.hasLeft && hangs),
        })
        kept.state = state
        if (command !== null) perform(shard, kept, command, newest)
        if (asks(kept.state)) void ask(shard, kept)
      }
    },
    end(how) {
      ending = how
      for (const { run, state } of all)
        run?.[state.phase === 'warming' || state.phase === 'ready' ? 'cancel' : how]().catch(() => undefined)
    },
    reports() {
      const silences = parts.silences()
      const said = all.flatMap(({ state }, shard) => {
        const { phase, checkpoint, plan: number, error } = state
        // A thread that hangs is busy with what has come since.
        const idle = state.idle && (silences.get(shard) ?? 0) <= hangsAfter
        if (phase === 'idle') return []
        const why = error === undefined ? {} : { error: { code: error.code, message: error.what } }
        return [[shard, { doing: phase, checkpoint, plan: number, ...(idle ? { idle } : {}), ...why }] as const]
      })
      return Object.fromEntries(said)
    },
  }
}

/** Its slots are on the move, or there is no such shard any more. */
function isClosed({ owners }: Plan, shard: number): boolean {
  return typeof owners[shard] !== 'string'
}

function asks({ phase }: KeeperState): boolean {
  return phase === 'warming' || phase === 'ready'
}

function waits({ phase, opened }: KeeperState): boolean {
  return phase === 'ready' || (phase === 'warming' && opened)
}

/** A shard that hangs goes on elsewhere, unless the whole job stops. */
function endOf(error: RxweftError, stops: boolean): KeeperEvent {
  const goesOn = error.code === 'OWNED_BY_ANOTHER' || (error.code === 'SHARD_HANGS' && !stops)
  return goesOn ? { type: 'replaced' } : { type: 'failed', error }
}
