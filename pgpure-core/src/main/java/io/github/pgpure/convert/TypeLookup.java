package io.github.pgpure.convert;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the server for what the registry does not know; a session implements it. */
@FunctionalInterface
public interface TypeLookup {

    /**
     * Runs a query through the simple protocol.
     *
     * @param sql the query
     * @return each row's values as text, null for NULL
     */
    List<@Nullable String[]> query(String sql);
}
