/**
 * Source whose every record is a step at which a crash test can end the job. It emits one record at
 * a time, partitions in turn.
 */
import { sleep } from '../../clock.ts'
import type { Source, SourceReader } from '../../contracts/source.ts'
import type { Split } from '../../record.ts'
import { crashCopy } from './crashCopy.ts'
import type { CrashPartitions } from './crashInput.ts'
import type { CrashWorld } from './crashWorld.ts'

export function crashSource<T>(world: CrashWorld, name: string, given: CrashPartitions<T>): Source<T> {
  return { id: `source:${name}`, maxInFlight: 1_000, open: async () => reader(world, name, given) }
}

function reader<T>(world: CrashWorld, name: string, given: CrashPartitions<T>): SourceReader<T> {
  const { stage, schedule } = world
  const { life } = stage
  const { timestamp = () => 0, key = () => null } = given
  const partitions = given.partitions.map((values, partition) => ({
    values,
    split: { topic: name, partition },
    next: 0,
  }))
  // The order in which partitions take turns is nobody's promise, so jobs must not depend on it.
  const inTurn = schedule.backwards ? partitions.toReversed() : [...partitions]
  const ended: Split[] = []
  let held: (split: Split) => boolean = () => false
  const next = () => inTurn.find(({ values, next, split }) => next < values.length && !held(split))
  const checkEnd = ({ values, next, split }: (typeof partitions)[number]): void => {
    if (next >= values.length && !ended.includes(split)) ended.push(split)
  }

  return {
    resolve: async () => partitions.map(({ split }) => ({ ...split, offset: 0 })),
    async seek(splits) {
      for (const { partition, offset } of splits) {
        const found = partitions[partition]
        if (found !== undefined) found.next = offset
      }
      partitions.forEach(checkEnd)
    },
    async poll() {
      await sleep(life.clock, world.nextRecord())
      if (life.dead) return new Promise(() => undefined)
      if (next() !== undefined) return 'ready'
      return ended.length === partitions.length ? 'end' : 'empty'
    },
    drain(emit) {
      const from = next()
      if (from === undefined) return
      const offset = from.next
      stage.pass(life, `the emit of ${name}/${from.split.partition} at offset ${offset}`, () => {
        const original = from.values[offset] as T
        const value = crashCopy(original)
        world.saw({ kind: 'read', value: original })
        from.next += 1
        inTurn.push(...inTurn.splice(inTurn.indexOf(from), 1))
        emit(value, timestamp(value), key(value), [], from.split, offset)
        checkEnd(from)
      })
    },
    position: () => partitions.map(({ split, next }) => ({ ...split, offset: next })),
    ended,
    hold(answer) {
      held = answer
    },
    close: async () => undefined,
  }
}
