export {Batch, type BatchOptions, type DownloadSource} from './batch/batch.js';
export {BatchJournal, type BatchJournalOptions, type ItemOutcome, type JournalItem} from './batch/batch-journal.js';
export {readBatchList, type ListFormat, type ListOptions} from './batch/batch-list.js';
export {checksumsFor, parseChecksums, type Checksum, type ChecksumOptions} from './batch/checksum-file.js';
export {validationsOf, type ListEntry, type ListItem} from './batch/list-item.js';
export {Plan} from './batch/plan.js';
export {TargetNames} from './batch/target-names.js';
export {SystemClock, type Clock} from './core/clock.js';
export {Context, type ContextOptions, type Limits} from './core/context.js';
export {nameFromContentDisposition, nameFromReply} from './core/content-disposition.js';
export {contextKeys, type ContextKey, type ContextKeys} from './core/context-key.js';
export type {
  AttemptRecord, Continuation, ContextView, Credential, CredentialSource, Digests, DownloadView, Durability, Facts, Fault, FaultClass, Framing, HeaderMap,
  Hop, KeptBytes, KeptPieces, KeptVersion, Monitor, OnceOptions, PieceGrid, Published, Reply, ResumeKey, Retry, RetryPolicy, ScatteredPieces,
  SequenceStart, Validation,
  Validators, Writer, WriterAbilities, WriterMeta, WriterPlan, WriterStart,
} from './core/contract.js';
export {Credentials, type CredentialEntry} from './core/credentials.js';
export {SystemDisk, type Disk, type DiskEntry, type DiskFile} from './core/disk.js';
export {ERROR_CODES, type ErrorCode} from './core/error-codes.js';
export * from './core/errors.js';
export {
  Event, Event as DownloadEvent, type Delegate, type ErrorEvent, type EventMap, type EventName, type FailedEvent, type FetchedEvent,
  type Handler, type PreparedEvent, type RegisterOptions, type Registry, type RepliedEvent, type SentEvent, type SucceededEvent,
} from './core/event.js';
export {collisionKey, nameFromUrl, resolveUnder, safeFileName} from './core/file-name.js';
export {escapeControls, redactHeaders, redactText, redactUrl} from './core/redact.js';
export {EventRouter} from './core/router.js';
export {Secret} from './core/secret.js';
export {
  Proxy, SSL, Timeout, User, type ProxyOptions, type SSLOptions, type TimeoutOptions, type UserOptions,
} from './core/settings.js';
export {VERSION} from './core/version.js';
export {ExplainDelegate, type ExplainOptions} from './delegate/explain-delegate.js';
export {HeaderDelegate, type HeaderDelegateOptions, type HeaderSink} from './delegate/header-delegate.js';
export {LinkDelegate, type LinkDelegateOptions} from './delegate/link-delegate.js';
export {
  LocationDelegate, type Location, type LocationAsked, type LocationDelegateOptions, type LocationRefresh,
} from './delegate/location-delegate.js';
export {LogDelegate, type Logger} from './delegate/log-delegate.js';
export {MetalinkDelegate, type MetalinkDelegateOptions} from './delegate/metalink-delegate.js';
export {METALINKS, metalinkOf} from './delegate/metalink-source.js';
export {MIRRORS, MirrorDelegate, type MirrorDelegateOptions, type Original} from './delegate/mirror-delegate.js';
export {
  parseReceipt, RECEIPT_FORMAT, type ExpectedDigest, type Receipt, type ReceiptAttempt, type ReceiptFault, type ReceiptSource, type RepeatReason,
  type Verified,
} from './delegate/receipt.js';
export {ReceiptDelegate, type ReceiptDelegateOptions} from './delegate/receipt-delegate.js';
export {TokenDelegate, type Token, type TokenDelegateOptions, type TokenProvider} from './delegate/token-delegate.js';
export type {Challenge} from './delegate/challenge.js';
export type {Attempt, Pace} from './download/attempt.js';
export type {Clone} from './download/clone.js';
export {Download} from './download/download.js';
export {DOWNLOAD_OPTIONS, type DownloadOptions} from './download/download-options.js';
export {FileDownload, type FileDownloadOptions} from './download/file-download.js';
export type {ByteRange} from './download/byte-range.js';
export {HttpDownload, type HttpDownloadOptions} from './download/http-download.js';
export type {HttpSettings} from './download/http-settings.js';
export {versionOf} from './download/resume-key.js';
export type {DownloadResult} from './download/result.js';
export type {ClassOptions} from './factory/class-options.js';
export {Factory, type BuildOptions, type DownloadClass, type FactoryOptions, type SettingsSource} from './factory/factory.js';
export type {PreferencePlace, PreferenceView, ResolvedView} from './factory/preference-view.js';
export {PreferredSettings, type PreferredRemote} from './factory/preferred-settings.js';
export {ProxyRules, type ProxyRulesOptions} from './factory/proxy-rules.js';
export {Remote, type RemoteOptions} from './factory/remote.js';
export {DigestSet} from './monitor/digest-set.js';
export {DownloadMonitor, type DownloadMonitorOptions} from './monitor/download-monitor.js';
export {ProgressMonitor, type Progress, type ProgressOptions} from './monitor/progress-monitor.js';
export {TotalProgress, type TotalFacts, type TotalItems, type TotalProgressOptions} from './monitor/total-progress.js';
export {ExponentialBackoff, RedoBackoff, type Backoff, type ExponentialBackoffOptions, type RedoBackoffOptions} from './policy/backoff.js';
export {GOVERNOR, Governor, governorOf, type GovernorTools, type OriginView} from './policy/governor.js';
export {parseMetalink, type Metalink, type MetalinkFile, type MetalinkPieces} from './policy/metalink.js';
export type {Source} from './policy/mirror-list.js';
export {MIRROR_SCORES, type MirrorScore, type MirrorScores, type MirrorVisit, type Standing} from './policy/mirror-score.js';
export type {Permit, TransferEnd} from './policy/permit.js';
export {RateLimiter} from './policy/rate-limiter.js';
export {noRetry, redo, StandardRetryPolicy, type StandardRetryOptions} from './policy/retry-policy.js';
export {ContentTypeValidation, type ContentTypeOptions} from './validation/content-type-validation.js';
export {DigestValidation} from './validation/digest-validation.js';
export {EmptyGuard} from './validation/empty-guard.js';
export {HtmlGuard, type HtmlGuardOptions} from './validation/html-guard.js';
export {LfsPointerGuard} from './validation/lfs-pointer-guard.js';
export {MagicValidation, type OwnSignature} from './validation/magic-validation.js';
export {ReprDigestValidation, type ReprDigestOptions} from './validation/repr-digest-validation.js';
export type {FileKind} from './validation/signatures.js';
export {SizeValidation} from './validation/size-validation.js';
export type {ValidationOptions} from './validation/validation-options.js';
export {BaseWriter} from './writer/base-writer.js';
export {BufferWriter, type BufferWriterOptions} from './writer/buffer-writer.js';
export {FileWriter, type FileWriterOptions} from './writer/file-writer.js';
export type {ExistsPolicy} from './writer/publish.js';
export {NullWriter} from './writer/null-writer.js';
export {sweepParts, type Sweep, type SweepOptions} from './writer/part-sweep.js';
export {StreamWriter, type StreamWriterOptions} from './writer/stream-writer.js';
export {TeeWriter, type TeeWriterOptions} from './writer/tee-writer.js';
