/**
 * Asks Flink again and writes golden.json: `node --import tsx test/flink/regenerate.ts`. The version of Flink is in java/pom.xml.
 *
 * Both state backends are asked. What is written is what the one on the heap says; where the other one differs in more than an
 * order that canonical.ts takes away, nothing is written.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { canonical } from './canonical.ts'
import { type Answers, buildPlayer, play } from './flink.ts'
import { type GoldenScenario, goldenFile } from './golden.ts'
import { toJson } from './json.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

async function ask(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-flink-'))
  try {
    await buildPlayer(folder)
    const heap = await play(folder, scenarios, 'heap')
    const rocksdb = await play(folder, scenarios, 'rocksdb')
    const reordered = scenarios.filter((scenario, index) =>
      differInOrder(scenario, heap.answers[index], rocksdb.answers[index]),
    )
    await writeFile(goldenFile, golden(heap))
    console.log(
      `Flink ${heap.flink}: ${scenarios.length} scenarios, ${reordered.length} of them in another order with RocksDB`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Answer = Answers['answers'][number] | undefined

function differInOrder(scenario: Scenario, heap: Answer, rocksdb: Answer): boolean {
  const [one, other] = [heap, rocksdb].map((answer) => ({
    dropped: answer?.droppedLate,
    steps: canonical(scenario.operator, answer?.outputs ?? []),
  }))
  if (!isDeepStrictEqual(one, other)) throw new Error(`the state backends disagree on: ${scenario.name}`)
  return !isDeepStrictEqual(heap, rocksdb)
}

/** A line for each step, so that a difference is read easily. */
function golden({ flink, answers }: Answers): string {
  const shown = scenarios.map((scenario, index) => lines(answered(scenario, answers[index])))
  return `{"flink":${JSON.stringify(flink)},"scenarios":[\n${shown.join(',\n')}\n]}\n`
}

function answered({ name, operator, events }: Scenario, answer: Answer): GoldenScenario {
  const steps = events.map((event, index) => ({ event, outputs: answer?.outputs[index] ?? [] }))
  return answer?.droppedLate === undefined
    ? { name, operator, steps }
    : { name, operator, steps, droppedLate: answer.droppedLate }
}

function lines({ steps, ...scenario }: GoldenScenario): string {
  const head = toJson(scenario).slice(0, -1)
  return `${head},"steps":[\n${steps.map(toJson).join(',\n')}]}`
}

await ask()
