package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.PatchOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that a stripe took from its queue together and the syncs they share: every object that was
 * written is synced once, every directory at most once. Reused; belongs to one stripe.
 */
final class Batch {
  private final ObjectFiles files;
  private final OpenObjects open;
  private final DirtyLog dirtyLog;
  private final Faults faults;
  private final StoreDirectories directories;
  private final StripeWipe wiper;
  private final SpaceGuard guard;

  private @Nullable StoreStatus markFailure;

  /** Creations for which there is no room; nothing is marked for them. */
  private final Set<Task> refused = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Map<ObjectId, List<Ticket<StoreStatus>>> durableWrites = new LinkedHashMap<>();

  /** Objects that are not here (any more) when this batch is done: their dirty marks go. */
  private final Set<ObjectId> gone = new LinkedHashSet<>();

  /** Objects that were set aside until this batch, and perhaps are again after a loss of power. */
  private final Set<ObjectId> takenBack = new HashSet<>();

  private final List<Consumer<StoreStatus>> awaitingDirectories = new ArrayList<>();
  private boolean namesChanged;
  private boolean staleChanged;

  Batch(
      ObjectFiles files,
      OpenObjects open,
      DirtyLog dirtyLog,
      Faults faults,
      StoreDirectories directories,
      StripeWipe wiper,
      SpaceGuard guard) {
    this.files = files;
    this.open = open;
    this.dirtyLog = dirtyLog;
    this.faults = faults;
    this.directories = directories;
    this.wiper = wiper;
    this.guard = guard;
  }

  ObjectFiles files() {
    return files;
  }

  /** Makes the dirty marks that the tasks need durable; comes before any of them runs (R10). */
  void markDirty(List<Task> tasks) {
    List<ObjectId> oids = new ArrayList<>();
    for (Task task : tasks) {
      ObjectId oid = task.dirties();
      if ((task instanceof Task.Create create && !files.admits(create))
          || (task instanceof Task.Copy copy && !files.admits(copy))) {
        refused.add(task);
      } else if (oid != null) {
        oids.add(oid);
      }
    }
    markFailure = null;
    try {
      dirtyLog.markBeforeWrite(oids);
    } catch (IOException e) {
      StoreStatus status = faults.statusOf("mark-dirty", oids.get(0), e);
      if (dirtyLog.hasFailed()) {
        faults.syncFailed("mark-dirty", oids.get(0), e);
        status = StoreStatus.IO_ERROR;
      }
      markFailure = status == StoreStatus.NO_OBJECT ? StoreStatus.IO_ERROR : status;
    }
  }

  /** What keeps {@code oid} from being changed, null if nothing does. */
  private @Nullable StoreStatus unmarked(ObjectId oid) {
    return markFailure != null && !dirtyLog.isDirty(oid) ? markFailure : null;
  }

  void write(Task.Write task) {
    // else a loss of power could leave this write in the copy that was set aside
    if (takenBack.remove(task.oid()) && syncDirectories() != StoreStatus.OK) {
      task.release();
      task.ticket().answer(StoreStatus.IO_ERROR);
      return;
    }
    StoreStatus status = apply(task);
    if (status == StoreStatus.NO_OBJECT) {
      gone.add(task.oid());
    }
    if (status == StoreStatus.OK && task.durable()) {
      durableWrites.computeIfAbsent(task.oid(), oid -> new ArrayList<>()).add(task.ticket());
    } else {
      task.ticket().answer(status);
    }
  }

  /** Synced at once: such a write is rare, and its answer says what version the object has then. */
  void patch(Task.Patch task) {
    StoreStatus status = apply(task);
    if (status == StoreStatus.OK) {
      status = files.sync(task.oid());
    }
    task.ticket()
        .answer(
            status == StoreStatus.OK
                ? new PatchOutcome(status, files.version(task.oid()))
                : PatchOutcome.failed(status));
  }

  private StoreStatus apply(Task.Patch task) {
    try {
      if (!files.isUnchanged(task.oid(), task.version())) {
        return StoreStatus.CHANGED;
      }
      StoreStatus status = unmarked(task.oid());
      if (status != null) {
        return status;
      }
      guard.wrote(task.data().readableBytes());
      return files.write(task.oid(), task.offset(), task.data());
    } finally {
      task.release();
    }
  }

  /** The payload is let go before anybody is answered: whoever is may count references. */
  private StoreStatus apply(Task.Write task) {
    try {
      StoreStatus status = unmarked(task.oid());
      if (status != null) {
        return status;
      }
      guard.wrote(task.data().readableBytes());
      return files.write(task.oid(), task.offset(), task.data());
    } finally {
      task.release();
    }
  }

  private StoreStatus apply(Task.Create task) {
    try {
      StoreStatus status = unmarked(task.oid());
      if (status != null) {
        return status;
      }
      return refused.contains(task) ? StoreStatus.NO_SPACE : files.create(task);
    } finally {
      task.release();
    }
  }

  void create(Task.Create task) {
    syncWrites(task.oid());
    StoreStatus status = apply(task);
    if (status == StoreStatus.OK) {
      gone.remove(task.oid());
    } else if (status == StoreStatus.NO_SPACE && !files.isHere(task.oid())) {
      gone.add(task.oid());
    }
    named(task.ticket()::answer, status);
  }

  void copy(Task.Copy task) {
    syncWrites(task.oid());
    CopyOutcome outcome = apply(task);
    if (outcome.status() == StoreStatus.OK) {
      gone.remove(task.oid());
    } else if (!files.isHere(task.oid())) {
      gone.add(task.oid());
    }
    named(
        status ->
            task.ticket().answer(status == StoreStatus.OK ? outcome : CopyOutcome.failed(status)),
        outcome.status());
  }

  private CopyOutcome apply(Task.Copy task) {
    try {
      StoreStatus status = unmarked(task.oid());
      if (status == null && refused.contains(task)) {
        status = StoreStatus.NO_SPACE;
      }
      return status == null ? files.copy(task) : CopyOutcome.failed(status);
    } finally {
      task.release();
    }
  }

  void remove(Task.Remove task) {
    syncWrites(task.oid());
    StoreStatus status = files.remove(task.oid());
    named(task.ticket()::answer, status);
    if (status == StoreStatus.OK) {
      gone.add(task.oid());
    }
  }

  void setAside(Task.SetAside task) {
    syncWrites(task.oid());
    StoreStatus status = files.setAside(task.oid(), task.lastValid());
    staleChanged = true;
    named(task.ticket()::answer, status);
    if (status == StoreStatus.OK) {
      gone.add(task.oid());
    }
  }

  void takeBack(Task.TakeBack task) {
    syncWrites(task.oid());
    StoreStatus unmarked = unmarked(task.oid());
    StoreStatus status =
        unmarked == null
            ? files.takeBack(task.oid(), task.lastValid(), task.attributes())
            : unmarked;
    if (status == StoreStatus.OK) {
      gone.remove(task.oid());
      takenBack.add(task.oid());
      staleChanged = true;
    } else if (!files.isHere(task.oid())) {
      gone.add(task.oid());
    }
    named(task.ticket()::answer, status);
  }

  void purge(Task.Purge task) {
    StoreStatus status = files.purge(task.oid(), task.lastValid());
    if (status == StoreStatus.OK) {
      staleChanged = true;
      awaitingDirectories.add(task.ticket()::answer);
    } else {
      task.ticket().answer(status);
    }
  }

  void markClean(Task.MarkClean task) {
    StoreStatus status =
        files.isUnchanged(task.oid(), task.version())
            ? files.keepSums(task.oid())
            : StoreStatus.CHANGED;
    task.ticket().answer(status == StoreStatus.OK ? unmark(List.of(task.oid())) : status);
  }

  void lossMadeGood(Task.LossMadeGood task) {
    StoreStatus status = StoreStatus.OK;
    try {
      dirtyLog.markAgain(List.of(task.oid()));
    } catch (IOException e) {
      status = faults.statusOf("mark-again", task.oid(), e);
    }
    task.ticket().answer(status);
  }

  private StoreStatus unmark(Collection<ObjectId> oids) {
    try {
      dirtyLog.markClean(oids);
      return StoreStatus.OK;
    } catch (IOException e) {
      return faults.statusOf("mark-clean", oids, e);
    }
  }

  void wipe(Task.Wipe task) {
    List.copyOf(durableWrites.keySet()).forEach(this::syncWrites);
    StoreStatus status = wiper.wipe(gone);
    staleChanged = true;
    named(task.ticket()::answer, status);
  }

  /**
   * Makes data of one vid durable; an object that this batch creates also needs its name, hence the
   * wait for the directory.
   */
  void sync(Task.Sync task) {
    boolean all = true;
    for (ObjectId oid : open.unsynced()) {
      if (oid.vid().equals(task.vid())) {
        all &= open.sync(oid);
      }
    }
    if (all) {
      awaitingDirectories.add(task.ticket()::answer);
    } else {
      task.ticket().answer(StoreStatus.IO_ERROR);
    }
  }

  /** A name was changed: its answer waits for the directory. */
  private void named(Consumer<StoreStatus> answer, StoreStatus status) {
    if (status == StoreStatus.OK) {
      namesChanged = true;
      awaitingDirectories.add(answer);
    } else {
      answer.accept(status);
    }
  }

  /** Answers the durable writes of an object whose file is about to go. */
  private void syncWrites(ObjectId oid) {
    List<Ticket<StoreStatus>> tickets = durableWrites.remove(oid);
    if (tickets != null) {
      // The object may have been created earlier in this batch.
      answerWrites(oid, tickets, syncDirectories());
    }
  }

  private void answerWrites(ObjectId oid, List<Ticket<StoreStatus>> tickets, StoreStatus names) {
    StoreStatus data = files.sync(oid);
    // A write into an object whose name is not durable is not durable.
    StoreStatus status = names == StoreStatus.OK ? data : names;
    tickets.forEach(ticket -> ticket.answer(status));
  }

  /** Syncs directories, then data, and answers everybody who waited for that. */
  void finish() {
    StoreStatus names = syncDirectories();
    awaitingDirectories.forEach(answer -> answer.accept(names));
    durableWrites.forEach((oid, tickets) -> answerWrites(oid, tickets, names));
    if (names == StoreStatus.OK) {
      unmark(gone);
    }
    guard.look();
    clear();
  }

  private StoreStatus syncDirectories() {
    try {
      if (namesChanged) {
        directories.syncObjects();
      }
      if (staleChanged) {
        directories.syncStale();
      }
      return StoreStatus.OK;
    } catch (IOException e) {
      faults.syncFailed("sync-directory", "obj", e);
      return StoreStatus.IO_ERROR;
    }
  }

  /** Forgets what is pending. */
  void clear() {
    durableWrites.clear();
    gone.clear();
    takenBack.clear();
    refused.clear();
    awaitingDirectories.clear();
    namesChanged = false;
    staleChanged = false;
  }
}
