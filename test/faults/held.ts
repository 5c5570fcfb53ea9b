/** A copy that stops itself (SIGSTOP) exactly at a step of the checkpoint protocol, until it gets a SIGCONT. */
import type { Program } from '../../tools/support/program.ts'
import type { Site } from './site.ts'

/** Every step comes some times before it holds. All other copies are killed. */
export async function held(site: Site, step: string, more: readonly string[] = []): Promise<Program> {
  await site.copies.kill()
  const program = site.copies.start(more, { RXWEFT_CRASH_AT: `${step}:3:SIGSTOP` })
  await site.lines.feedUntil(program.untilSaid(/SIGSTOP at step/))
  return program
}
