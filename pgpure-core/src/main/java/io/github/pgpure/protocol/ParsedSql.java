package io.github.pgpure.protocol;

import java.util.List;

/**
 * A statement whose named parameters were replaced by {@code $1}, {@code $2} …; immutable.
 *
 * @param sql the statement as the server gets it
 * @param names the name behind {@code $1}, {@code $2} … in this order; empty when the statement has no named parameter
 */
public record ParsedSql(String sql, List<String> names) {

    public ParsedSql {
        names = List.copyOf(names);
    }
}
