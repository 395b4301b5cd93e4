package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Progress;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.ObjectComparison;
import java.util.List;

/** Checks images one after the other; objects that they share once. */
final class ImageCheck {
  /** Objects that are asked for before the answers to all of them are there. */
  private static final int BATCH = 1024;

  private final Vdis vdis;
  private final CopyChecks copies;
  private final ImageObjects objects;
  private final Console console;
  private final Profile profile;

  ImageCheck(Vdis vdis, CopyChecks copies, Console console, Profile profile) {
    this.vdis = vdis;
    this.copies = copies;
    this.objects = new ImageObjects(vdis);
    this.console = console;
    this.profile = profile;
  }

  /** The inode, before anybody reads it: a damaged one would lead astray. */
  InodeHeader inode(VdiId vid, Findings findings) throws CommandFailure {
    ObjectId inode = ObjectId.inode(vid);
    findings.add(inode, copies.compare(List.of(inode)).get(0));
    return vdis.header(vid);
  }

  /** Everything else that the inode names. */
  void objects(InodeHeader inode, Findings findings) throws CommandFailure {
    List<ObjectId> all = objects.of(inode);
    Progress progress = new Progress(console, profile, all.size() * inode.objectSize());
    for (int from = 0; from < all.size(); from += BATCH) {
      List<ObjectId> some = all.subList(from, Math.min(all.size(), from + BATCH));
      List<ObjectComparison> found = copies.compare(some);
      for (int i = 0; i < some.size(); i++) {
        findings.add(some.get(i), found.get(i));
      }
      progress.add(some.size() * inode.objectSize());
    }
    if (!all.isEmpty()) {
      progress.finish();
    }
  }
}
