package io.sheepdog.cli.check;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects of images: those that an inode names, whosever they are, and the saved state of a
 * machine. An object that several images share is handed out once.
 */
final class ImageObjects {
  private final Vdis vdis;
  private final Map<VdiId, BitSet> seen = new HashMap<>();

  ImageObjects(Vdis vdis) {
    this.vdis = vdis;
  }

  /** What that image has besides its inode and has not been handed out yet. */
  List<ObjectId> of(InodeHeader inode) throws CommandFailure {
    List<ObjectId> objects = new ArrayList<>();
    int[] owners = vdis.index(inode);
    for (int i = 0; i < owners.length; i++) {
      if (owners[i] != 0) {
        VdiId owner = new VdiId(owners[i]);
        BitSet ofOwner = seen.computeIfAbsent(owner, o -> new BitSet());
        if (!ofOwner.get(i)) {
          ofOwner.set(i);
          objects.add(ObjectId.data(owner, i));
        }
      }
    }
    for (long i = 0; i < inode.vmStateObjectCount(); i++) {
      objects.add(ObjectId.vmstate(inode.vdiId(), i));
    }
    return objects;
  }
}
