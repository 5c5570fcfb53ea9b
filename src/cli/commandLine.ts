/** The command line of rxweft: one file for each command. */
import { Command } from 'commander'
import { checkpointsCommand } from './commands/checkpoints.ts'
import { consoleCommand } from './commands/console.ts'
import { explainCommand } from './commands/explain.ts'
import { initCommand } from './commands/init.ts'
import { moveCommand } from './commands/move.ts'
import { checkCommand, previewCommand } from './commands/preview.ts'
import { rescaleCommand } from './commands/rescale.ts'
import { runCommand } from './commands/run.ts'
import { savepointCommand } from './commands/savepoint.ts'
import { stateCommand } from './commands/state.ts'
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
  consoleCommand,
  rescaleCommand,
  moveCommand,
  transactionsCommand,
  verifyCommand,
  traceCommand,
  savepointCommand,
  checkpointsCommand,
  stateCommand,
  checkCommand,
  previewCommand,
]

export function commandLine(): Command {
  const program = new Command('rxweft')
    .description('looks at jobs of rxweft, and steers them')
    .addHelpText('after', `\nExit codes: ${exitTable}\n`)
  for (const made of commands) program.addCommand(made())
  for (const command of [program, ...below(program)]) command.showHelpAfterError().exitOverride()
  return program
}

function below({ commands }: Command): readonly Command[] {
  return commands.flatMap((command) => [command, ...below(command)])
}

const exitTable = `${exitCodes.done} done, ${exitCodes.failed} not done or something found, ${exitCodes.wrongArguments} wrong arguments`
