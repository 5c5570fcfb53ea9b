/** Why a member is not among the others. */
import { RxweftError } from '../../errors.ts'

/** Such as a missing right: a member that was never among them would wait for ever. */
export function isFatal(reason: Error): boolean {
  return reason instanceof RxweftError && reason.consequence === 'fatal'
}

/** The first plan creates the topic of the records, and may take a while. */
export function isTopicMissing(reason: Error): boolean {
  return reason instanceof RxweftError && reason.code === 'TOPIC_MISSING'
}
