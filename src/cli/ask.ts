/** Asks before something is changed. */
import { createInterface } from 'node:readline/promises'
import { exitCodes, Refusal } from './tell.ts'

/** Options of a command that changes something. */
export interface Confirmation {
  /** Whether nobody is asked. */
  readonly yes: boolean
}

/** Says what will be done, and resolves if that is wanted; rejects otherwise. */
export async function confirm(what: string, { yes }: Confirmation): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY) {
    throw new Refusal(`${what} Nobody can be asked here: pass --yes to do it`, exitCodes.wrongArguments)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${what} Go on? [y/N] `).finally(() => terminal.close())
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('nothing was done')
}
