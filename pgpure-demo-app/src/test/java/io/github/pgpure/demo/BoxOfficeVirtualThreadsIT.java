package io.github.pgpure.demo;

import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The same with every request on a virtual thread. */
@EnabledForJreRange(min = JRE.JAVA_21)
class BoxOfficeVirtualThreadsIT extends BoxOfficeIT {

    @Override
    RunningBoxOffice startApp() {
        return RunningBoxOffice.start("box_office_virtual_it", "spring.threads.virtual.enabled=true");
    }
}
