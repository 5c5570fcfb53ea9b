/** The command line of rxweft: one file for each command. */
import { Command } from 'commander'
import { explainCommand } from './commands/explain.ts'
import { initCommand } from './commands/init.ts'
import { runCommand } from './commands/run.ts'
import { statusCommand } from './commands/status.ts'
import { traceCommand } from './commands/trace.ts'
import { transactionsCommand } from './commands/transactions.ts'
import { verifyCommand } from './commands/verify.ts'
import { exitCodes } from './tell.ts'

const commands = [
  initCommand,
  runCommand,
  explainCommand,
  statusCommand,
  transactionsCommand,
  verifyCommand,
  traceCommand,
]

export function commandLine(): Command {
  const program = new Command('rxweft')
    .description('looks at jobs of rxweft, and steers them')
    .addHelpText('after', `\nExit codes: ${exitTable}\n`)
  for (const made of commands) program.addCommand(made())
  for (const command of [program, ...program.commands]) command.showHelpAfterError().exitOverride()
  return program
}

const exitTable = `${exitCodes.done} done, ${exitCodes.failed} not done or something found, ${exitCodes.wrongArguments} wrong arguments`
