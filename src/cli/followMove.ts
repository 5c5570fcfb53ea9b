/** Asks the running processes of a job, through its plan, to move slots, and follows them. */
import { systemClock } from '../clock.ts'
import { isOvertaken, type Plan, type PlanStore } from '../contracts/plan.ts'
import { shardsConcerned } from '../contracts/slotMoves.ts'
import { kafkaLedger } from '../kafka/ledger/kafkaLedger.ts'
import { requested, type WantedSlots } from '../members/slotMoves.ts'
import { type Confirmation, confirm } from './ask.ts'
import { clusterOf, type JobOptions } from './cluster.ts'
import { jobStatus } from './jobStatus.ts'
import { readFacts } from './readFacts.ts'
import { readingOf } from './reading.ts'
import { counted } from './table.ts'
import { exitCodes, print, Refusal } from './tell.ts'

export interface MoveOptions extends JobOptions, Confirmation {
  readonly json: boolean
}

/** Interval of reading the plan, ms. */
const interval = 200

/** How often another writer of the plan may come first. */
const tries = 8

/** @param wanted table for the plan that is found; throws what is wrong with it */
export async function followMove(
  { job, prefix, yes, json, ...options }: MoveOptions,
  wanted: (plan: Plan) => WantedSlots,
): Promise<void> {
  const cluster = await clusterOf(options)
  const over = new AbortController()
  const tell = (): void => undefined
  const store = await kafkaLedger(cluster, prefix, undefined).plans?.({
    job,
    clock: systemClock,
    signal: over.signal,
    tell,
  })
  if (store === undefined) throw new Refusal('the ledger of the job keeps no plan')
  try {
    const connections = await cluster.connect('move')
    try {
      const { members } = jobStatus(await readFacts(readingOf(connections, over.signal), { job, prefix }))
      const plan = await store.read()
      if (plan === null || !members.some(({ state }) => state !== 'silent')) throw nobodyLives(job)
      const next = requested(plan, wanted(plan))
      if (next === null) return print(json, { state: 'nothing', plan: plan.number }, () => 'nothing to move')
      await confirm(describe(job, plan, next), { yes })
    } finally {
      await connections.close()
    }
    await follow(store, wanted, json)
  } finally {
    over.abort()
    await store.close()
  }
}

async function follow(store: PlanStore, wanted: (plan: Plan) => WantedSlots, json: boolean): Promise<void> {
  const began = systemClock.now()
  const request = await ask(store, wanted)
  if (request === null) return print(json, { state: 'nothing' }, () => 'nothing to move')
  print(json, { state: 'moving', plan: request }, () => {
    return `plan ${request} asks for it: the processes of the job carry it out, also after Ctrl-C`
  })
  for (;;) {
    const plan = await store.read()
    const { moved, number = 0, owners = [] } = plan ?? {}
    if (moved !== undefined && moved.request >= request) {
      const { error } = moved.request === request ? moved : {}
      if (error !== undefined) {
        if (json) print(true, { state: 'refused', plan: number, error }, String)
        throw new Refusal(`the slots have not moved, and the job goes on as before. ${error.code}: ${error.message}`)
      }
      const duration = systemClock.now() - began
      return print(json, { state: 'moved', plan: number, shards: owners.length, duration }, () => {
        return `moved: plan ${number} with ${counted(owners.length, 'shard')}, after ${(duration / 1_000).toFixed(1)} s`
      })
    }
    await pause()
  }
}

/** Number of the plan that asks, once no other move is under way; null: nothing is to move. */
async function ask(store: PlanStore, wanted: (plan: Plan) => WantedSlots): Promise<number | null> {
  for (let left = tries; ; ) {
    const plan = await store.read()
    if (plan !== null && plan.moving === undefined) {
      const next = requested(plan, wanted(plan))
      if (next === null) return null
      try {
        await store.write(next)
        return next.number
      } catch (thrown) {
        if (!isOvertaken(thrown) || --left <= 0) throw thrown
      }
    }
    await pause()
  }
}

const pause = (): Promise<void> => new Promise((resolve) => systemClock.setTimeout(resolve, interval))

function describe(job: string, before: Plan, { moving }: Plan): string {
  const { slots = before.slots, shards = before.owners.length } = moving ?? {}
  const count = slots.filter((shard, slot) => shard !== before.slots[slot]).length
  const concerned = shardsConcerned(before.slots, slots)
  const change = shards === before.owners.length ? '' : `, from ${before.owners.length} shards to ${shards}`
  return `Moves ${count} of ${slots.length} slots of ${job}${change}. The shards ${concerned.join(', ')} take a final checkpoint, and start again when the state of the slots has moved.`
}

function nobodyLives(job: string): Refusal {
  return new Refusal(
    `no process of ${job} that was started with \`members\` is alive, and only the program of the job can move its state. Start it, and run this again; or, without members, start it with the number of shards that you want and \`rescale: 'at-start'\``,
    exitCodes.failed,
  )
}
