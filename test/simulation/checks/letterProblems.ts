/** Each refused record is in its sink, or, once, among the dead letters with its place: in one of the two, and where letters are kept, in one. */
import type { DeadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { sourceTopic } from '../config.ts'
import { deadLetters } from '../refusals.ts'
import type { World } from '../world.ts'
import { visibleRecords } from './visibleRecords.ts'

/** "value@offset" of the letters of one sink and one partition of the source, in order. */
export function lettersOf(world: World, sink: string, partition: number): readonly string[] {
  return visibleRecords(world, deadLetters, partition).flatMap(({ value }) => {
    const letter = JSON.parse(value) as DeadLetter
    return letter.operator === `kafkaSink:${sink}` ? [`${letter.value}@${letter.offset}`] : []
  })
}

/** @param omitted what is not in the sink, with its offset in the source */
export function letterProblems(
  world: World,
  sink: string,
  partition: number,
  omitted: readonly string[],
): readonly string[] {
  if (world.config.refusals?.onError !== 'dead-letter') return []
  const letters = lettersOf(world, sink, partition)
  if (letters.join() === omitted.join()) return []
  return [`letters of ${sink} about ${sourceTopic}/${partition}: ${letters.join()} instead of ${omitted.join()}`]
}
