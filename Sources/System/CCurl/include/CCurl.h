#ifndef QUETZ_CCURL_H
#define QUETZ_CCURL_H

// libcurl's options and information are set and read through variadic functions, which Swift cannot call:
// one plain function per argument type. `CURLMsg.data` is a union, read by `quetz_curl_multi_next_finished`.

#include <curl/curl.h>

typedef size_t (*quetz_curl_data_callback)(char *data, size_t size, size_t count, void *context);
typedef int (*quetz_curl_socket_callback)(void *context, curl_socket_t socket);
typedef int (*quetz_curl_seek_callback)(void *context, curl_off_t offset, int origin);

CURLcode quetz_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode quetz_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode quetz_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode quetz_curl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode quetz_curl_set_callback(CURL *handle, CURLoption option, quetz_curl_data_callback value);
CURLcode quetz_curl_set_seek_callback(CURL *handle, quetz_curl_seek_callback value);
CURLcode quetz_curl_set_close_socket_callback(CURL *handle, quetz_curl_socket_callback value);

CURLcode quetz_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode quetz_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode quetz_curl_get_string(CURL *handle, CURLINFO info, const char **value);
CURLcode quetz_curl_get_pointer(CURL *handle, CURLINFO info, void **value);

CURLMcode quetz_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// Takes the next finished transfer; 1 if there was one.
int quetz_curl_multi_next_finished(CURLM *multi, CURL **handle, CURLcode *result);

#endif
