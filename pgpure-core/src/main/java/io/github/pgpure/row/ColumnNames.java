package io.github.pgpure.row;

import io.github.pgpure.Column;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Finds the column that belongs to a component, parameter or property; immutable. */
final class ColumnNames {

    private final List<String> names;

    private ColumnNames(List<String> names) {
        this.names = names;
    }

    /** @param names the names of columns */
    static ColumnNames of(List<String> names) {
        return new ColumnNames(List.copyOf(names));
    }

    static ColumnNames ofColumns(List<Column> columns) {
        return new ColumnNames(columns.stream().map(Column::name).toList());
    }

    /**
     * The index of the column for this Java name: the one with exactly that name, else the one that becomes it in camel case
     * ({@code created_at} is {@code createdAt}), else the one that is the same without regard to case and underscores; of
     * several the first.
     *
     * @return -1 when there is none
     */
    int indexOf(String javaName) {
        int exact = names.indexOf(javaName);
        if (exact >= 0) {
            return exact;
        }
        for (int i = 0; i < names.size(); i++) {
            if (camelCase(names.get(i)).equals(javaName)) {
                return i;
            }
        }
        String bare = bare(javaName);
        for (int i = 0; i < names.size(); i++) {
            if (bare(names.get(i)).equals(bare)) {
                return i;
            }
        }
        return -1;
    }

    int size() {
        return names.size();
    }

    /** The names of all columns but these. */
    List<String> without(BitSet indexes) {
        return IntStream.range(0, names.size())
                .filter(i -> !indexes.get(i))
                .mapToObj(i -> names.get(i) + (names.indexOf(names.get(i)) < i ? " (once more)" : ""))
                .toList();
    }

    @Override
    public String toString() {
        return names.toString();
    }

    private static String camelCase(String name) {
        var camel = new StringBuilder(name.length());
        boolean upper = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_' && camel.length() > 0) {
                upper = true;
            } else {
                camel.append(upper ? Character.toUpperCase(c) : c);
                upper = false;
            }
        }
        return camel.toString();
    }

    private static String bare(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }
}
