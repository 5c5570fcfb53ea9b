/** Members of a job without a cluster: a plan in memory, records that everybody hears at once, and shards that do what a test says. */
import { Subject } from 'rxjs'
import type { AliveMember, HeardRecord, Members, MembersContext } from '../../../src/contracts/members.ts'
import type { Plan, PlanStore, SlotMove } from '../../../src/contracts/plan.ts'
import { deferred } from '../../../src/deferred.ts'
import type { RxweftError } from '../../../src/errors.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import type { JobResult } from '../../../src/job/jobHandle.ts'
import { overMembers, type RunningMember } from '../../../src/job/members/overMembers.ts'
import type { MovingParts } from '../../../src/job/rescale/memberMove.ts'
import { brokerError } from '../../../src/kafka/nodes/brokerErrors.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { agenda } from '../../simulation/core/agenda.ts'
import { type Process, simulatedProcess } from '../../simulation/core/process.ts'

/** One run of a shard on a member. */
export interface FakeRun {
  readonly member: string
  readonly shard: number
  state: 'opening' | 'waiting' | 'running' | 'ended'
  commit(checkpoint: number): void
  fail(error: RxweftError): void
  finish(): void
  /** Nothing that it is told ends it any more, but the end of its thread. */
  hang(): void
  /** Time since its thread has shown a sign of life, ms. */
  silence(): number
  /** Nothing has happened since its last checkpoint. */
  rest(): void
}

export interface FakeMember {
  readonly handle: RunningMember
  readonly events: JobEvent[]
  readonly end: JobResult | { readonly error: RxweftError } | null
  /** As SIGKILL. */
  kill(): void
}

export type FakeMove = (
  move: SlotMove,
  parts: MovingParts & { readonly process: Process; readonly store: PlanStore },
) => Promise<void>

/** Waits for the shards, and writes the plan after the next 20 ms. */
const moves: FakeMove = async (_, { letGo, next, process, store }) => {
  await letGo()
  await new Promise<void>((resolve) => process.clock.setTimeout(resolve, 20))
  const plan = next((await store.read()) as Plan)
  if (plan !== null) await store.write(plan)
}

export function membersGround(
  shards: number,
  {
    onShardFailure = 'keep' as 'keep' | 'end',
    stuckAfter = 1e9,
    mayRead = true,
    move = moves,
    firstPlanAfter = 0,
  } = {},
) {
  const time = agenda()
  const alive: AliveMember[] = []
  const records = new Map<string, HeardRecord>()
  const contexts = new Map<string, MembersContext>()
  const runs: FakeRun[] = []
  const evicted: string[] = []
  let plan: Plan | null = null
  let mayWrite = true

  const changed = (what: 'members' | 'plan'): void => {
    for (const context of contexts.values()) time.after(5, () => context.changed(what))
  }

  const store: PlanStore = {
    place: 'memory',
    async read() {
      if (plan !== null && !mayRead) throw brokerError(29, 'Fetch', {})
      return plan
    },
    entry: async (shard) => {
      const owner = runs.findLast((one) => one.shard === shard && one.state !== 'opening' && one.state !== 'waiting')
      if (owner === undefined) return { ...first, owner: Object.keys(plan?.members ?? {})[0] ?? '', plan: 1 }
      const number = plan?.number ?? 0
      const released = owner.state === 'ended' ? { released: number } : {}
      return { ...first, owner: owner.member, plan: number, ...released }
    },
    async write(next) {
      if (!mayWrite) throw brokerError(53, 'InitProducerId', {})
      if ((plan?.number ?? 0) !== next.number - 1) throw new RetriableError('PLAN_CHANGED', 'of a test')
      plan = next
      changed('plan')
    },
    close: async () => undefined,
  }

  /** @param refused why the coordinator does not let it join */
  function start(
    member: string,
    instance = member.slice(0, 1),
    refused?: Error,
    fixed: Members['fixed'] = null,
  ): FakeMember {
    const process = simulatedProcess(member, time)
    const events: JobEvent[] = []
    let end: FakeMember['end'] = null
    const members: Members = {
      ...{ instance, zone: null, fixed },
      async open(context) {
        contexts.set(member, context)
        if (refused !== undefined) time.after(10, () => context.lost(refused))
        else alive.push({ member, instance, zone: null, threads: 1, groupMember: `${member} in group` })
        changed('members')
        const gone = (): void => {
          const at = alive.findIndex((one) => one.member === member)
          if (at >= 0) alive.splice(at, 1)
          records.delete(member)
          contexts.delete(member)
          changed('members')
        }
        return {
          get alive() {
            return refused === undefined ? [...alive] : null
          },
          get leads() {
            return alive[0]?.member === member
          },
          groupMember: `${member} in group`,
          records,
          say(record) {
            const before = JSON.stringify({ ...records.get(member), heard: 0 })
            const said = {
              ...record,
              member,
              instance,
              zone: null,
              threads: 1,
              host: 'h',
              pid: 1,
              heard: 0,
              live: true,
            }
            records.set(member, { ...said, heard: time.now() })
            if (before === JSON.stringify(said)) return
            changed('members')
          },
          async evict(ids) {
            evicted.push(...ids)
            for (const id of ids) {
              const at = alive.findIndex(({ groupMember }) => groupMember === id)
              if (at >= 0) alive.splice(at, 1)
            }
          },
          leave: async () => gone(),
          close: async () => gone(),
        }
      },
    }
    const handle = overMembers({
      ...{
        job: 'words',
        prefix: 'p',
        me: member,
        members,
        threads: 1,
        clock: process.clock,
        onShardFailure,
        stuckAfter,
      },
      openStore: async () => store,
      async genesis() {
        if (firstPlanAfter > 0) await new Promise<void>((resolve) => process.clock.setTimeout(resolve, firstPlanAfter))
        const owners = Array.from({ length: shards }, () => member)
        const slots = Array.from({ length: 4 * shards }, (_, slot) => slot % shards)
        await store.write({
          number: 1,
          lineage: 'l',
          slots,
          owners,
          members: { [member]: { instance, groupMember: null } },
        })
        return plan
      },
      start(shard, _, reached) {
        const told = new Subject<JobEvent>()
        const done = deferred<JobResult>()
        let checkpoint = 0
        let hangsSince: number | null = null
        const ended = (outcome: JobResult['outcome']): Promise<JobResult> => {
          run.state = 'ended'
          done.resolve({ outcome, checkpoint })
          return done.promise
        }
        const run: FakeRun = {
          ...{ member, shard, state: 'opening' },
          commit(next) {
            checkpoint = next
            told.next({
              ...{ type: 'checkpoint-committed', checkpoint, duration: 1 },
              phases: { barrier: 1, store: 0, commit: 0 },
            })
          },
          fail(error) {
            run.state = 'ended'
            done.reject(error)
          },
          finish: () => void ended('finished'),
          hang() {
            hangsSince = time.now()
          },
          silence: () => (hangsSince === null ? 0 : time.now() - hangsSince),
          rest: () => told.next({ type: 'idle', checkpoint }),
        }
        runs.push(run)
        process.clock.setTimeout(() => {
          if (run.state !== 'opening') return
          run.state = 'waiting'
          reached('opened')
          reached('loaded')
        }, 100)
        return {
          ...{ events$: told, done: done.promise },
          go() {
            run.state = 'running'
            told.next({ type: 'restored', checkpoint })
          },
          release: () => void process.clock.setTimeout(() => hangsSince ?? ended('stopped'), 50),
          stop: () => (hangsSince !== null ? done.promise : ended('stopped')),
          cancel: () => ended('cancelled'),
        }
      },
      silences: () => new Map(runs.flatMap((run) => (run.member === member ? [[run.shard, run.silence()]] : []))),
      close: async () => undefined,
      move: (wanted, parts) => move(wanted, { ...parts, process, store }),
    })
    handle.events$.subscribe((event) => events.push(event))
    handle.done.then(
      (result) => {
        end = result
      },
      (error) => {
        end = { error }
      },
    )
    return {
      ...{ handle, events },
      get end() {
        return end
      },
      kill() {
        process.kill()
        contexts.delete(member)
        for (const run of runs) if (run.member === member && run.state !== 'ended') run.state = 'ended'
      },
    }
  }

  return {
    ...{ start, runs, evicted },
    get plan() {
      return plan
    },
    /** "a1: 0 2, b1: 1" of what runs. */
    running(): string {
      const its = new Map<string, number[]>()
      for (const { member, shard, state } of runs)
        if (state === 'running') its.set(member, [...(its.get(member) ?? []), shard])
      return [...its]
        .map(([member, some]) => `${member}: ${some.sort().join(' ')}`)
        .sort()
        .join(', ')
    },
    run: (member: string, shard: number) =>
      runs.findLast((one) => one.member === member && one.shard === shard) as FakeRun,
    /** Whether plans can be written. */
    writes(may: boolean): void {
      mayWrite = may
    },
    /** What it says cannot be written. */
    /** @param ever whether anything of it was ever heard */
    mutes(member: string, reason: Error, ever = true): void {
      if (!ever) records.delete(member)
      contexts.get(member)?.unheard(reason)
    },
    /** What a member has said, as the others know it. */
    says: (record: HeardRecord): void => void records.set(record.member, record),
    /** Its group does not want it any more. */
    loses: (member: string, reason: Error): void => contexts.get(member)?.lost(reason),
    /** The group has noticed that it is dead. */
    miss(member: string): void {
      const at = alive.findIndex((one) => one.member === member)
      if (at >= 0) alive.splice(at, 1)
      records.delete(member)
      changed('members')
    },
    pass: async (ms: number) => void (await time.runUntil(() => false, time.now() + ms)),
  }
}

const first = { lineage: 'l', checkpoint: 0, snapshot: null, positions: [], handles: {}, slots: '0' }
