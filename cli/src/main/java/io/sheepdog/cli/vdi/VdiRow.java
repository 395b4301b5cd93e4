package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Usage;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.IOException;
import java.util.List;

/** One image or snapshot in each of the forms of {@code vdi list}. */
record VdiRow(InodeHeader inode, Usage usage) {
  private static final int RULE_WIDTH = 68;
  private static final int NAME_WIDTH = 8;
  private static final int ID_WIDTH = 5;
  private static final int SIZE_WIDTH = 7;
  private static final int OBJECT_ID_WIDTH = 9;
  private static final int COPIES_WIDTH = 6;
  private static final int TAG_WIDTH = 13;
  private static final int SHIFT_WIDTH = 3;

  /** The lines above the table. */
  static String heading(Profile profile) {
    return profile == Profile.COLLIE
        ? "  name        id    size    used  shared    creation time  object id\n"
            + "-".repeat(RULE_WIDTH)
        : "  Name        Id    Size    Used  Shared    Creation time   VDI id"
            + "  Copies  Tag   Block Size Shift";
  }

  /** The row of May 2010. */
  String guide() {
    return (inode.isSnapshot() ? "s " : "  ")
        + common(inode.snapshotId())
        + "  "
        + Words.right(ObjectId.inode(inode.vdiId()).toString(), OBJECT_ID_WIDTH);
  }

  /** The row of version 1.0. */
  String dog() {
    return kind(' ')
        + " "
        + common(dogId())
        + "  "
        + Words.right(inode.vdiId().toString(), SIZE_WIDTH)
        + " "
        + Words.right(copies(), COPIES_WIDTH)
        + " "
        + Words.right(inode.tag(), TAG_WIDTH)
        + " "
        + Words.right(inode.blockSizeShift(), SHIFT_WIDTH);
  }

  private String common(int id) {
    return Words.left(inode.name(), NAME_WIDTH)
        + " "
        + Words.right(Integer.toUnsignedLong(id), ID_WIDTH)
        + " "
        + Words.right(Sizes.human(inode.vdiSize()), SIZE_WIDTH)
        + " "
        + Words.right(Sizes.human(usage.used()), SIZE_WIDTH)
        + " "
        + Words.right(Sizes.human(usage.shared()), SIZE_WIDTH)
        + " "
        + Times.minute(inode.createTime().seconds());
  }

  /** The fields that libvirt, OpenStack and sheepfs read, one blank between them. */
  String raw() {
    return kind('=')
        + " "
        + Words.escaped(inode.name())
        + " "
        + Integer.toUnsignedLong(dogId())
        + " "
        + inode.vdiSize()
        + " "
        + usage.used()
        + " "
        + usage.shared()
        + " "
        + inode.createTime().seconds()
        + " "
        + inode.vdiId()
        + " "
        + copies()
        + " "
        + inode.tag()
        + " "
        + inode.blockSizeShift();
  }

  /** A clone counts as one until its own first snapshot. */
  private boolean isClone() {
    return !inode.isSnapshot() && inode.snapshotId() == 1 && !inode.parentVdiId().isNone();
  }

  private char kind(char working) {
    return inode.isSnapshot() ? 's' : isClone() ? 'c' : working;
  }

  private int dogId() {
    return inode.isSnapshot() ? inode.snapshotId() : 0;
  }

  private String copies() {
    int policy = inode.copyPolicy();
    return policy == 0
        ? Integer.toString(inode.copies())
        : (policy >> 4) * 2 + ":" + (policy & 0xf);
  }

  /** The document of all rows. */
  static void write(JsonGenerator json, List<VdiRow> rows) throws IOException {
    json.writeStartArray();
    for (VdiRow row : rows) {
      row.write(json);
    }
    json.writeEndArray();
  }

  private void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", inode.name());
    json.writeStringField(
        "kind", inode.isSnapshot() ? "snapshot" : isClone() ? "clone" : "working");
    json.writeNumberField("snapshot_id", Integer.toUnsignedLong(inode.snapshotId()));
    json.writeStringField("tag", inode.tag());
    json.writeNumberField("size", inode.vdiSize());
    json.writeNumberField("used", usage.used());
    json.writeNumberField("shared", usage.shared());
    json.writeNumberField("created", inode.createTime().seconds());
    if (inode.isSnapshot()) {
      json.writeNumberField("snapshot_taken", inode.snapshotTime().seconds());
    }
    json.writeStringField("vid", inode.vdiId().toString());
    json.writeStringField("parent_vid", inode.parentVdiId().toString());
    json.writeStringField("object_id", ObjectId.inode(inode.vdiId()).toString());
    json.writeStringField("copies", copies());
    json.writeNumberField("block_size_shift", inode.blockSizeShift());
    json.writeEndObject();
  }
}
