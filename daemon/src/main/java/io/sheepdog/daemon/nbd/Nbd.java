package io.sheepdog.daemon.nbd;

/** Numbers of the protocol; all are big-endian on the wire. */
final class Nbd {
  /** "NBDMAGIC", the first bytes of the server. */
  static final long GREETING_MAGIC = 0x4e42444d41474943L;

  /** "IHAVEOPT", before the flags of the server and before each option of the client. */
  static final long OPTION_MAGIC = 0x49484156454f5054L;

  static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
  static final int REQUEST_MAGIC = 0x25609513;
  static final int SIMPLE_REPLY_MAGIC = 0x67446698;
  static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

  /** Handshake flags of both sides. */
  static final int FIXED_NEWSTYLE = 1;

  static final int NO_ZEROES = 2;

  static final int CLIENT_FLAGS_SIZE = 4;
  static final int OPTION_HEADER_SIZE = 16;
  static final int OPTION_REPLY_SIZE = 20;
  static final int REQUEST_SIZE = 28;
  static final int SIMPLE_REPLY_SIZE = 16;
  static final int CHUNK_HEADER_SIZE = 20;

  /** Bytes behind the reply to EXPORT_NAME, unless both sides said NO_ZEROES. */
  static final int EXPORT_NAME_PADDING = 124;

  /** Longest string that the protocol allows anywhere. */
  static final int MAX_STRING = 4096;

  /** Largest data of an option that is looked at. */
  static final int MAX_OPTION_DATA = 64 << 10;

  static final int MIN_BLOCK = 1;
  static final int PREFERRED_BLOCK = 4096;

  /** Largest READ and WRITE. */
  static final int MAX_BLOCK = 32 << 20;

  /** Reply types of options. */
  static final int REP_ACK = 1;

  static final int REP_SERVER = 2;
  static final int REP_INFO = 3;
  static final int REP_META_CONTEXT = 4;
  static final int REP_ERR_UNSUP = 1 << 31 | 1;
  static final int REP_ERR_POLICY = 1 << 31 | 2;
  static final int REP_ERR_INVALID = 1 << 31 | 3;
  static final int REP_ERR_PLATFORM = 1 << 31 | 4;
  static final int REP_ERR_TLS_REQD = 1 << 31 | 5;
  static final int REP_ERR_UNKNOWN = 1 << 31 | 6;
  static final int REP_ERR_SHUTDOWN = 1 << 31 | 7;
  static final int REP_ERR_TOO_BIG = 1 << 31 | 9;

  /** Kinds of information about an export. */
  static final int INFO_EXPORT = 0;

  static final int INFO_NAME = 1;
  static final int INFO_DESCRIPTION = 2;
  static final int INFO_BLOCK_SIZE = 3;

  /** Transmission flags. */
  static final int HAS_FLAGS = 1;

  static final int READ_ONLY = 1 << 1;
  static final int SEND_FLUSH = 1 << 2;
  static final int SEND_FUA = 1 << 3;
  static final int SEND_TRIM = 1 << 5;
  static final int SEND_WRITE_ZEROES = 1 << 6;
  static final int SEND_DF = 1 << 7;
  static final int CAN_MULTI_CONN = 1 << 8;
  static final int SEND_CACHE = 1 << 10;
  static final int SEND_FAST_ZERO = 1 << 11;

  /** Command flags. */
  static final int FLAG_FUA = 1;

  static final int FLAG_NO_HOLE = 1 << 1;
  static final int FLAG_DF = 1 << 2;
  static final int FLAG_REQ_ONE = 1 << 3;
  static final int FLAG_FAST_ZERO = 1 << 4;

  /** Chunks of structured replies. */
  static final int CHUNK_DONE = 1;

  static final int CHUNK_NONE = 0;
  static final int CHUNK_DATA = 1;
  static final int CHUNK_HOLE = 2;
  static final int CHUNK_BLOCK_STATUS = 5;
  static final int CHUNK_ERROR = 1 << 15 | 1;

  /** The only metadata context, and its id. */
  static final String BASE_ALLOCATION = "base:allocation";

  static final int BASE_ALLOCATION_ID = 1;

  /** Block status: not allocated, and reads as zero. */
  static final int STATE_HOLE_AND_ZERO = 3;

  private Nbd() {}
}
