package io.sheepdog.core.sim.schedule;

/** The kinds of fault that schedules inject. A run counts how often each really happened. */
public enum Fault {
  /** A node died while a write of data was in its store or on its gateway. */
  CRASH_DURING_WRITE,
  /** A node died while an object was being created. */
  CRASH_DURING_CREATE,
  /** A node died while an index entry was being written. */
  CRASH_DURING_INDEX_WRITE,
  /** A node died while a snapshot froze a VDI through it. */
  CRASH_DURING_SNAPSHOT,
  /** A node died while it made a new VDI or clone. */
  CRASH_DURING_NEW_VDI,
  /** A node died while it deleted a VDI. */
  CRASH_DURING_DELETE,
  /** A node died while it asked for a lock. */
  CRASH_DURING_LOCK,
  /** Two or more nodes died in one schedule. */
  SECOND_CRASH,
  /** A client died with requests in flight. */
  CLIENT_CRASH,
  /** A client's connection broke with requests in flight. */
  CLIENT_BREAK,
  /** A connection between daemons broke with requests in flight. */
  PEER_BREAK,
  /** A daemon did nothing for a while. */
  NODE_PAUSE,
  /** Ordered events reached one node long after the others. */
  SLOW_DRIVER,
  /** A client lost its lock to another one while it was suspended, or to an administrator. */
  FENCED_CLIENT,
  /** A second client was refused. */
  REFUSED_OPENER,
  /** A write without a lock met a locked VDI. */
  UNATTACHED_WRITE,
  /** A snapshot was deleted while the running machine believed that it writes to that vid. */
  SNAPSHOT_LOST_UNSEEN,
  /** A node was paused until the others had gone on without it, and served clients again. */
  EVICTED_WHILE_PAUSED,
  /** The same, and the others were told that it had died. */
  COROSYNC_STOPPED_WHILE_PAUSED,
  /** A node was cut off from the others, which went on without it, and not from its clients. */
  EVICTED_WHILE_CUT_OFF,
  /** The same, and members that were to hear of it late could still be reached. */
  EVICTED_BESIDE_LATE_MEMBERS,
  /** A node stood still for long, the group said nothing, and the others complained it out. */
  SILENT_WHILE_PAUSED,
  /** The same with a node that could still ask and get answers, and so had a lease. */
  SILENT_WHILE_DEAF,
  /** The same with a node whose disk hung. */
  SILENT_BECAUSE_OF_ITS_DISK,
  /** A node stood still for less than the bound, and nobody went on without it. */
  STANDSTILL,
  /** One other member alone got no answers from a node for long, and nobody went on without it. */
  SILENT_TO_ONE,
  /** A lock passed on, and its new holder had to wait for writes of earlier ones to end. */
  LOCK_WAITS_FOR_WRITES,
  /** A node's disk failed, and the node went on as a gateway. */
  DISK_FAILED,
  /** A disk changed a byte of one replica of an object by itself. */
  BIT_FLIP
}
