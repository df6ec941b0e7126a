import { CloseCode } from '../../common/protocol.ts';

/** Why a connection is not tried again until the learner says so. */
export type CloseReason = 'expired' | 'upgrade' | 'taken-over' | 'not-found' | 'refused' | 'broken';

/** @returns null when the connection merely broke and should be tried again. */
export function closeReason(code: number): CloseReason | null {
  switch (code) {
    case CloseCode.unauthorized:
      return 'expired';
    case CloseCode.upgrade:
    // A frame that the server cannot read means that the two speak different versions; trying again repeats it.
    case CloseCode.badMessage:
      return 'upgrade';
    case CloseCode.takenOver:
      return 'taken-over';
    case CloseCode.notFound:
      return 'not-found';
    case CloseCode.tooMany:
      return 'refused';
    case CloseCode.broken:
      return 'broken';
    default:
      return null;
  }
}
