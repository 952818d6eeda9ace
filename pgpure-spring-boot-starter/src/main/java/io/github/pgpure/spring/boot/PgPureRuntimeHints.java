package io.github.pgpure.spring.boot;

import io.github.pgpure.Row;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/** What of pgpure a native image must keep reachable by name: the methods that mappers of rows to objects are made of. */
final class PgPureRuntimeHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.reflection().registerType(Row.class, MemberCategory.INVOKE_PUBLIC_METHODS);
        hints.reflection()
                .registerType(
                        TypeReference.of("io.github.pgpure.row.ColumnReader"), MemberCategory.INVOKE_DECLARED_METHODS);
    }
}
