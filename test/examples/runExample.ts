/** `npm run example`, as a process: what it has printed of topics and of what was committed in them. */
import { join } from 'node:path'
import { startProgram } from '../support/program.ts'

const main = join(import.meta.dirname, '../../examples/program/example.ts')

/** By topic: what was committed in each sink. Rejects unless it ends with exit code 0. */
export async function runExample(...args: readonly string[]): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const program = startProgram(args, {}, main)
  const how = await program.ended
  if (how !== 0) throw new Error(`the example ended with ${how}:\n${program.said}`)
  const committed: Record<string, unknown[]> = {}
  for (const [, topic = '', value = ''] of program.said.matchAll(/^(\S+) -> (.*)$/gm)) {
    committed[topic] = [...(committed[topic] ?? []), JSON.parse(value)]
  }
  return committed
}
