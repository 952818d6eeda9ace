package io.github.pgpure.spring.boot;

import java.beans.PropertyDescriptor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/**
 * Shows which {@code pgpure.*} keys there are not, and what may have been meant. It comes before Spring Boot's own report, which shows
 * their values: that of a misspelt password, for example.
 */
@Order(0)
class PgPureUnknownKeyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("pgpure");
    private static final int MOST_TYPING_ERRORS = 3;

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        if (cause.getUnboundProperties().stream().noneMatch(property -> PREFIX.isAncestorOf(property.getName()))) {
            return null;
        }
        String keys = cause.getUnboundProperties().stream()
                .map(PgPureUnknownKeyFailureAnalyzer::describe)
                .collect(Collectors.joining("\n"));
        return new FailureAnalysis(
                "pgpure has no such configuration keys (their values are not shown, since one may be a password):\n\n"
                        + keys,
                "Correct or remove them.",
                cause);
    }

    private static String describe(ConfigurationProperty property) {
        String key = property.getName().toString();
        String origin = property.getOrigin() == null ? "" : ", from " + property.getOrigin();
        String nearest = nearest(key);
        return "    '" + key + "'" + origin + (nearest == null ? "" : ": did you mean '" + nearest + "'?");
    }

    private static @Nullable String nearest(String key) {
        return keys(PgPureProperties.class, "pgpure.")
                .filter(known -> typingErrors(key, known) <= MOST_TYPING_ERRORS)
                .min(Comparator.comparingInt(known -> typingErrors(key, known)))
                .orElse(null);
    }

    private static Stream<String> keys(Class<?> type, String prefix) {
        return Arrays.stream(BeanUtils.getPropertyDescriptors(type)).flatMap(property -> keys(property, prefix));
    }

    private static Stream<String> keys(PropertyDescriptor property, String prefix) {
        String key = prefix + DataObjectPropertyName.toDashedForm(property.getName());
        Class<?> type = property.getPropertyType();
        if (property.getWriteMethod() != null) {
            return Stream.of(key);
        }
        boolean group = type != null && type.getPackageName().equals(PgPureProperties.class.getPackageName());
        return group ? keys(type, key + ".") : Stream.of();
    }

    /** How many characters have to be added, removed or replaced (Levenshtein). */
    private static int typingErrors(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
