import { Command } from 'commander'
import { removeSavepoint, savepoints } from '../../checkpoint/savepoints/savepoints.ts'
import { savepointsOf } from '../../job/savepoints/savepointsOf.ts'
import { type Confirmation, confirm } from '../ask.ts'
import { type SavedOptions, savedJob, withSaved } from '../savedJob.ts'
import { print, Refusal } from '../tell.ts'

interface Options extends SavedOptions, Confirmation {
  readonly remove: boolean
}

/** Keeps the newest checkpoint of a job, which may be running or not. */
export function savepointCommand(): Command {
  return withSaved(new Command('savepoint'))
    .description('keep the newest checkpoint of a job under a name; the job may be running, and does not notice')
    .argument('<name>', 'name of the savepoint')
    .option('--remove', 'remove the savepoint of this name instead', false)
    .option('--yes', 'do not ask before it is removed', false)
    .action(savepoint)
}

async function savepoint(file: string, name: string, { remove, yes, json, ...given }: Options): Promise<void> {
  const { job, storage, options } = await savedJob(file, given)
  if (remove) {
    await confirm(`Removes the savepoint "${name}" of the job ${job.name} from ${storage.place}.`, { yes })
    const all = await savepoints(storage, job.name)
    // Also removes what an unfinished one has left.
    await removeSavepoint(storage, job.name, name)
    if (!all.some((one) => one.name === name)) throw new Refusal(`the job ${job.name} has no savepoint "${name}"`)
    return print(json, { removed: name }, () => `removed ${name}`)
  }
  const kept = await savepointsOf(job, options).keep(name)
  print(json, kept, () => `kept ${name}: checkpoint ${kept.checkpoints.join(' ')} of lineage ${kept.lineage}`)
}
