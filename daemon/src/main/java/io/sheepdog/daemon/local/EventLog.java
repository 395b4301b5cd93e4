package io.sheepdog.daemon.local;

import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The history of a local cluster: event files {@code events.1}, {@code events.2}, ... of which each
 * begins with the members of its beginning and all but the last end with NEXT. A member reads them
 * from its own JOIN on; appending is done at the end, under the lock. Driver thread.
 *
 * <p>A new file is begun when the last has grown over a limit; those that every member has read are
 * removed. When nobody is alive the next process that starts begins with a fresh one.
 */
final class EventLog implements AutoCloseable {
  private final EventFiles files;
  private final MemberId self;
  private final MemberFiles memberFiles;
  private final AppendLock lock;
  private final EventSink sink;
  private final long maxFileBytes;
  private final Set<MemberId> members = new LinkedHashSet<>();
  private @Nullable EventFile file;
  private long generation;
  private boolean reporting;

  EventLog(
      Path directory, MemberId self, MemberFiles memberFiles, EventSink sink, long maxFileBytes)
      throws IOException {
    this.files = new EventFiles(directory);
    this.self = self;
    this.memberFiles = memberFiles;
    this.sink = sink;
    this.maxFileBytes = maxFileBytes;
    this.lock = new AppendLock(directory);
  }

  List<MemberId> members() {
    return List.copyOf(members);
  }

  boolean isMember(MemberId member) {
    return members.contains(member);
  }

  /** The file that is being read. */
  Path path() {
    return current().path();
  }

  private EventFile current() {
    if (file == null) {
      throw new IllegalStateException("the event log was not entered");
    }
    return file;
  }

  /** Joins: in a fresh log if nobody is alive, else behind what the living wrote. */
  void enter() throws IOException, LocalDriverException {
    try (FileLock held = lock.acquire()) {
      Set<MemberId> living = memberFiles.livingOthers();
      memberFiles.enter();
      if (living.isEmpty()) {
        openAt(files.startAfresh());
      } else {
        openAt(files.lowest());
      }
      read();
      requireSound(held);
      List<EventRecord> events = new ArrayList<>();
      for (MemberId member : members) {
        if (!living.contains(member)) {
          events.add(EventRecord.of(EventRecord.Type.DIED, member));
        }
      }
      events.add(EventRecord.of(EventRecord.Type.JOIN, self));
      current().append(events);
      read();
    }
  }

  /** Reports what others appended; damage that persists under the lock is an error. */
  void catchUp() throws IOException, LocalDriverException {
    read();
    if (current().bad()) {
      try (FileLock held = lock.acquire()) {
        read();
        requireSound(held);
      }
    }
  }

  /** Appends behind everything that is there, and reports all of it. */
  void append(List<EventRecord> events) throws IOException, LocalDriverException {
    try (FileLock held = lock.acquire()) {
      read();
      requireSound(held);
      current().append(events);
      read();
      if (current().position() > maxFileBytes) {
        rotate();
      }
    }
  }

  /**
   * Appends that members died, unless somebody did so before; looks again under the lock. Returns
   * those it appended.
   */
  List<MemberId> appendDeaths(List<MemberId> suspects) throws IOException, LocalDriverException {
    List<MemberId> noticed = new ArrayList<>();
    try (FileLock held = lock.acquire()) {
      read();
      requireSound(held);
      List<EventRecord> deaths = new ArrayList<>();
      for (MemberId suspect : suspects) {
        if (members.contains(suspect) && memberFiles.isDead(suspect)) {
          noticed.add(suspect);
          deaths.add(EventRecord.of(EventRecord.Type.DIED, suspect));
        }
      }
      if (!deaths.isEmpty()) {
        current().append(deaths);
        read();
      }
      for (MemberId suspect : suspects) {
        if (!members.contains(suspect)) {
          memberFiles.remove(suspect);
        }
      }
    }
    return noticed;
  }

  private void requireSound(FileLock held) throws LocalDriverException {
    if (!held.isValid() || current().bad()) {
      throw new LocalDriverException(
          current().path()
              + " is damaged at byte "
              + current().position()
              + ": something other than sheep wrote to it; stop all sheep of this cluster, remove the"
              + " directory, start them again");
    }
  }

  private void rotate() throws IOException {
    files.create(generation + 1, members());
    current().append(List.of(EventRecord.next()));
    read();
    long lowest = generation;
    for (MemberId member : members) {
      lowest = Math.min(lowest, memberFiles.readBy(member));
    }
    files.removeBelow(lowest);
  }

  private void openAt(long number) throws IOException {
    EventFile opened = EventFile.open(files.path(number));
    if (file != null) {
      file.close();
    }
    file = opened;
    generation = number;
    members.clear();
    memberFiles.reading(number);
  }

  private void read() throws IOException {
    for (EventRecord event = current().next(); event != null; event = current().next()) {
      apply(event);
    }
  }

  private void apply(EventRecord event) throws IOException {
    MemberId member = event.member();
    switch (event.type()) {
      case MEMBERS -> members.addAll(event.memberList());
      case JOIN -> joined(member);
      case LEAVE -> gone(member, Departure.LEFT);
      case DIED -> gone(member, Departure.PROCESS_DIED);
      case MESSAGE -> {
        if (reporting && members.contains(member)) {
          sink.message(member, event.payload());
        }
      }
      case NEXT -> openNext();
    }
  }

  private void openNext() throws IOException {
    try {
      openAt(generation + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "this process was stopped so long that the events it missed are gone", e);
    }
  }

  private void joined(MemberId member) {
    members.add(member);
    reporting |= member.equals(self);
    if (reporting) {
      sink.joined(members(), member);
    }
  }

  private void gone(MemberId member, Departure how) {
    if (members.remove(member) && reporting) {
      sink.gone(members(), member, how);
    }
  }

  /** Keeps cleaners of /tmp away. */
  void touch() throws IOException {
    if (Files.exists(path())) {
      memberFiles.touch(path());
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    lock.close();
  }
}
