package io.sheepdog.corosyncconf.keys;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The nearest known word: at most two letters added, left out, changed or swapped. */
public final class Suggestion {
  private static final int FARTHEST = 2;
  private static final int LONGEST = 64;

  private Suggestion() {}

  /** Null if no word is near. Words of up to three letters have to differ by one. */
  public static @Nullable String of(String word, Collection<String> known) {
    String best = null;
    int nearest = Math.min(FARTHEST, word.length() / 2) + 1;
    for (String candidate : word.length() > LONGEST ? List.<String>of() : known) {
      int distance = distance(word, candidate);
      if (distance < nearest) {
        nearest = distance;
        best = candidate;
      }
    }
    return best;
  }

  private static int distance(String from, String to) {
    int[][] d = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(d, from, to, i, j);
      }
    }
    return d[from.length()][to.length()];
  }

  private static int step(int[][] d, String from, String to, int i, int j) {
    char a = Character.toLowerCase(from.charAt(i - 1));
    char b = Character.toLowerCase(to.charAt(j - 1));
    int change = d[i - 1][j - 1] + (a == b ? 0 : 1);
    int best = Math.min(change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
  }
}
