import { Command } from 'commander'
import { check } from '../../testing/replay/check.ts'
import { type Both, type Preview, preview } from '../../testing/replay/preview.ts'
import { wholeNumber } from '../arguments.ts'
import { jobFile } from '../jobFile.ts'
import { type SavedOptions, savedJob, withSaved } from '../savedJob.ts'
import { counted, grouped, table } from '../table.ts'
import { exitCodes, print } from '../tell.ts'

interface Options extends SavedOptions {
  readonly against: string
  readonly from: string
  readonly to: string
  readonly shard: number
}

/** Compares the output of a new version with that of the version in production. */
export function previewCommand(): Command {
  return withSaved(new Command('preview'))
    .description('run a new version over what production has processed, and compare the output by key; writes nothing')
    .requiredOption('--against <file>', 'module of the version in production')
    .requiredOption('--from <savepoint>', 'savepoint from which both go on')
    .requiredOption('--to <savepoint>', 'later savepoint, up to which both read')
    .option('--shard <number>', 'shard whose input is read', wholeNumber, 0)
    .action(run)
}

async function run(file: string, { against, from, to, shard, json, ...options }: Options): Promise<void> {
  const { job } = await jobFile(file)
  const { job: production, storage } = await savedJob(against, options)
  const found = await preview(job, { against: production, storage, from, to, shard })
  print(json, found, () => shown(found))
  if (found.differs) process.exitCode = exitCodes.failed
}

function shown({ records, refused, sinks, late, bad, rate, state }: Preview): string {
  const left = refused === 0 ? '' : `, ${refused} could not be decoded`
  const outputs = sinks.map(({ sink, same, changed, missing, added, keys }) => {
    return [sink, ...[same, changed, missing, added].map(grouped), keys.join(' ')]
  })
  const row = (name: string, { before, after }: Both): readonly string[] => [name, grouped(before), grouped(after)]
  const figures = [
    row('late records', late),
    row('bad records', bad),
    row('records a second', rate),
    ...state.map((one) => row(`keys of ${one.operator}`, one)),
  ]
  return [
    `${counted(records, 'record')} of input${left}`,
    table(['output by key', 'same', 'changed', 'missing', 'added', 'such as'], outputs),
    table(['', 'production', 'new'], figures),
  ].join('\n')
}

interface CheckOptions extends SavedOptions {
  readonly against: string
}

/** Whether a version can go on from a savepoint. */
export function checkCommand(): Command {
  return withSaved(new Command('check'))
    .description('check that a version of a job can go on from a savepoint: ids, codecs, versions and all state')
    .requiredOption('--against <savepoint>', 'savepoint of production')
    .action(checkOne)
}

async function checkOne(file: string, { against, json, ...options }: CheckOptions): Promise<void> {
  const { job, storage } = await savedJob(file, options)
  const found = await check(job, { storage, against })
  print(json, found, () => {
    const state = found.state.map(({ operator, keys }) => `${operator}: ${counted(keys, 'key')}`)
    return [...found.problems, ...state, ...found.begins.map((operator) => `${operator}: begins empty`)].join('\n')
  })
  if (found.problems.length > 0) process.exitCode = exitCodes.failed
}
