/** The demonstration on the embedded log: one file, no broker. */
import { join } from 'node:path'
import { embeddedLog } from 'rxweft/embedded'
import { uppercaseEmbedded } from '../uppercaseEmbedded.ts'
import { type Ground, type OutputLine, partitions } from './ground.ts'

export function embeddedGround(folder: string): Ground {
  const file = join(folder, 'log')
  const log = embeddedLog(file)
  log.createTopic('lines', { partitions })
  log.createTopic('upper', { partitions })
  return {
    job: uppercaseEmbedded(log, { name: 'uppercase', source: 'lines', sink: 'upper' }),
    programArguments: ['--embedded', file, '--source', 'lines', '--sink', 'upper'],
    steps: ['barrier', 'prepared', 'stored', 'ledger', 'committed'],
    async feed(lines) {
      await log.append(
        'lines',
        lines.map(({ partition, text }) => ({ partition, value: text })),
      )
    },
    async output() {
      const lines: OutputLine[] = []
      for (let partition = 0; partition < partitions; partition++) {
        for (const { value } of log.read('upper', partition)) lines.push({ partition, text: String(value) })
      }
      return lines
    },
    close: () => log.close(),
  }
}
