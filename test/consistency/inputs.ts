/** Input of the consistency tests, random and repeatable by its seed. */
import type { Click } from '../../examples/sessions.ts'
import { between } from '../faults/seededRandom.ts'
import type { Approval, Transfer } from './bank.ts'

/** A record to be fed, and where to. */
export interface Fed {
  readonly topic: string
  readonly partition: number
  readonly value: string
}

const vocabulary = Array.from({ length: 200 }, (_, at) =>
  [...String(at)].map((digit) => 'abcdefghij'[Number(digit)]).join(''),
)

/** Lines of up to eight words, rare ones and frequent ones. @param partitions of the topic */
export function lines(random: () => number, count: number, partitions: number): readonly Fed[] {
  const word = () => vocabulary[Math.floor(random() ** 2 * vocabulary.length)]
  return Array.from({ length: count }, () => ({
    topic: 'lines',
    partition: between(random, 0, partitions - 1),
    value: Array.from({ length: between(random, 0, 8) }, word).join(' '),
  }))
}

/**
 * Clicks, one every ten seconds: some up to ten seconds out of order, and some much too late. In one partition, so that what is late depends on
 * nothing but their order, unless there are to be more.
 */
export function clicks(random: () => number, count: number, users = 50, partitions = 1): readonly Fed[] {
  return Array.from({ length: count }, (_, number): Fed => {
    const dice = random()
    const delay = dice < 0.1 ? between(random, 0, 10_000) : dice < 0.15 ? between(random, 20 * 60_000, 120 * 60_000) : 0
    const click: Click = {
      user: `user ${between(random, 0, users - 1)}`,
      page: `page ${number}`,
      at: Math.max(0, number * 10_000 - delay),
    }
    return { topic: 'clicks', partition: number % partitions, value: JSON.stringify(click) }
  })
}

export interface Dealings {
  readonly fed: readonly Fed[]
  /** Those that are approved in time. */
  readonly approved: readonly Transfer[]
}

/** Transfers, one every 100 ms, and approvals: most in time, some before the transfer is read, some too late and some never. */
export function dealings(random: () => number, count: number, accounts: number, partitions: number): Dealings {
  const approved: Transfer[] = []
  const placed: { readonly at: number; readonly fed: Fed }[] = []
  const place = (at: number, topic: string, value: Transfer | Approval): void => {
    placed.push({ at, fed: { topic, partition: value.id % partitions, value: JSON.stringify(value) } })
  }
  for (let id = 0; id < count; id++) {
    const from = between(random, 0, accounts - 1)
    const to = (from + between(random, 1, accounts - 1)) % accounts
    const transfer = { id, from, to, amount: between(random, 1, 50), at: id * 100 }
    place(id, 'transfers', transfer)
    const dice = random()
    if (dice < 0.05) continue
    const delay = dice < 0.1 ? between(random, 5_001, 9_000) : between(random, 0, 5_000)
    // When it is fed has nothing to do with its time.
    place(id + between(random, -40, 40), 'approvals', { id, at: transfer.at + delay })
    if (delay <= 5_000) approved.push(transfer)
  }
  return { fed: placed.sort((a, b) => a.at - b.at).map(({ fed }) => fed), approved }
}
