/** `npm run example`, as a process. */
import { join } from 'node:path'
import { type Program, startProgram } from '../../tools/support/program.ts'

const main = join(import.meta.dirname, '../../examples/program/example.ts')

export function startExample(...args: readonly string[]): Program {
  return startProgram(args, {}, main)
}

/** By sink topic: what was committed there. Rejects unless it ends with exit code 0. */
export async function runExample(...args: readonly string[]): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const program = startExample(...args)
  const how = await program.ended
  if (how !== 0) throw new Error(`the example ended with ${how}:\n${program.said}`)
  const committed: Record<string, unknown[]> = {}
  for (const [, topic = '', value = ''] of program.said.matchAll(/^(\S+) -> (.*)$/gm)) {
    committed[topic] = [...(committed[topic] ?? []), JSON.parse(value)]
  }
  return committed
}
