/* Everything is inline in the header; SwiftPM wants a C target to have a source. */
#include "ccurl.h"

_Static_assert(LIBCURL_VERSION_NUM >= 0x075500, "libcurl 7.85 or later is needed for CURLOPT_PROTOCOLS_STR");
