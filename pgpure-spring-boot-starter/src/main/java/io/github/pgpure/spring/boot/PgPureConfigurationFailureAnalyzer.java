package io.github.pgpure.spring.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows what to do about a {@link PgPureConfigurationException}. */
class PgPureConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<PgPureConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PgPureConfigurationException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
    }
}
