// A Vulkan driver around another one, which compiles and never runs anything. Mesa's driver for AMD cards comes up without a
// card when told which to pretend, but there is no kernel driver behind it that could run commands. So commands, submits and
// waits do nothing here, and everything else goes on to that driver. For every pipeline that it compiles, the driver's own
// statistics become a line of JSON at the end of a file.
//
// Environment: COMPILE_ONLY_DRIVER, the library of the driver; COMPILE_ONLY_LOG, the file.
// Structs are those of the Vulkan specification, of which only the fields used here have names.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*GetFunction)(void *owner, const char *name);
typedef int32_t Result;

enum { SUCCESS = 0, INITIALIZATION_FAILED = -3 };
enum { CAPTURE_STATISTICS = 0x40 };
enum { PIPELINE = 1000269001, EXECUTABLE_PROPERTIES = 1000269002, EXECUTABLE = 1000269003, STATISTIC = 1000269004 };
enum { FORMAT_FLOAT64 = 3 };
static const char *const STATISTICS_EXTENSION = "VK_KHR_pipeline_executable_properties";

typedef struct {
  int32_t type; const void *next; uint32_t flags; uint32_t queue_count; const void *queues;
  uint32_t layer_count; const char *const *layers;
  uint32_t extension_count; const char *const *extensions; const void *features;
} DeviceInfo;

typedef struct {
  int32_t type; const void *next; uint32_t flags; uint32_t stage; uint64_t module; const char *name; const void *constants;
} StageInfo;

typedef struct {
  int32_t type; const void *next; uint32_t flags; StageInfo stage; uint64_t layout; uint64_t base; int32_t base_index;
} ComputePipelineInfo;

typedef struct { int32_t type; const void *next; uint64_t pipeline; } PipelineInfo;
typedef struct { int32_t type; const void *next; uint64_t pipeline; uint32_t index; } ExecutableInfo;
typedef struct {
  int32_t type; void *next; uint32_t stages; char name[256]; char description[256]; uint32_t subgroup_size;
} Executable;
typedef struct {
  int32_t type; void *next; char name[256]; char description[256]; int32_t format;
  union { int64_t whole; double real; } value;
} Statistic;

typedef Result (*CreateDevice)(void *physical, const DeviceInfo *info, const void *allocator, void **device);
typedef Result (*CreateComputePipelines)(void *device, uint64_t cache, uint32_t count, const ComputePipelineInfo *infos,
                                         const void *allocator, uint64_t *pipelines);
typedef Result (*GetExecutables)(void *device, const PipelineInfo *info, uint32_t *count, Executable *executables);
typedef Result (*GetStatistics)(void *device, const ExecutableInfo *info, uint32_t *count, Statistic *statistics);

static GetFunction instance_function, physical_device_function, device_function;
static CreateDevice create_device;
static CreateComputePipelines create_compute_pipelines;
static void *driver;

static int load_driver(void) {
  if (driver) return 1;
  const char *path = getenv("COMPILE_ONLY_DRIVER");
  driver = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!driver) return 0;
  instance_function = (GetFunction)dlsym(driver, "vk_icdGetInstanceProcAddr");
  physical_device_function = (GetFunction)dlsym(driver, "vk_icdGetPhysicalDeviceProcAddr");
  return instance_function != NULL;
}

// Numbers are integers, but for those that say that they are not.
static double number_in(const Statistic *statistic) {
  return statistic->format == FORMAT_FLOAT64 ? statistic->value.real : (double)statistic->value.whole;
}

static void write_statistics(void *device, uint64_t pipeline) {
  GetExecutables get_executables = (GetExecutables)device_function(device, "vkGetPipelineExecutablePropertiesKHR");
  GetStatistics get_statistics = (GetStatistics)device_function(device, "vkGetPipelineExecutableStatisticsKHR");
  FILE *log = fopen(getenv("COMPILE_ONLY_LOG"), "a");
  if (!log || !get_executables || !get_statistics) return;
  PipelineInfo info = {PIPELINE, NULL, pipeline};
  Executable executable = {.type = EXECUTABLE_PROPERTIES};
  uint32_t executables = 1, count = 0;
  get_executables(device, &info, &executables, &executable);
  ExecutableInfo first = {EXECUTABLE, NULL, pipeline, 0};
  get_statistics(device, &first, &count, NULL);
  Statistic *statistics = calloc(count + 1, sizeof(Statistic));
  for (uint32_t n = 0; n < count; n++) statistics[n].type = STATISTIC;
  get_statistics(device, &first, &count, statistics);
  fprintf(log, "{\"Subgroup size\":%u", executable.subgroup_size);
  for (uint32_t n = 0; n < count; n++) fprintf(log, ",\"%s\":%.17g", statistics[n].name, number_in(&statistics[n]));
  fprintf(log, "}\n");
  free(statistics);
  fclose(log);
}

static Result compile(void *device, uint64_t cache, uint32_t count, const ComputePipelineInfo *infos, const void *allocator,
                      uint64_t *pipelines) {
  for (uint32_t n = 0; n < count; n++) {
    ComputePipelineInfo info = infos[n];
    info.flags |= CAPTURE_STATISTICS;
    Result result = create_compute_pipelines(device, cache, 1, &info, allocator, &pipelines[n]);
    if (result != SUCCESS) return result;
    write_statistics(device, pipelines[n]);
  }
  return SUCCESS;
}

static Result create_device_with_statistics(void *physical, const DeviceInfo *info, const void *allocator, void **device) {
  DeviceInfo with = *info;
  const char **extensions = calloc(info->extension_count + 1, sizeof(char *));
  memcpy(extensions, info->extensions, info->extension_count * sizeof(char *));
  extensions[with.extension_count++] = STATISTICS_EXTENSION;
  with.extensions = extensions;
  Result result = create_device(physical, &with, allocator, device);
  free(extensions);
  return result;
}

static Result do_nothing(void) { return SUCCESS; }

static const char *const NOT_RUN[] = {
  "vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer", "vkQueueSubmit", "vkQueueSubmit2", "vkQueueSubmit2KHR",
  "vkQueueWaitIdle", "vkDeviceWaitIdle", "vkWaitForFences", "vkGetFenceStatus", "vkResetFences", NULL};

static Function replacement(const char *name, Function own);

static Function function_of_device(void *device, const char *name) {
  Function own = device_function(device, name);
  return own ? replacement(name, own) : NULL;
}

static Function replacement(const char *name, Function own) {
  if (strncmp(name, "vkCmd", 5) == 0) return (Function)do_nothing;
  for (int n = 0; NOT_RUN[n]; n++) if (strcmp(name, NOT_RUN[n]) == 0) return (Function)do_nothing;
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) {
    device_function = (GetFunction)own;
    return (Function)function_of_device;
  }
  if (strcmp(name, "vkCreateDevice") == 0) {
    create_device = (CreateDevice)own;
    return (Function)create_device_with_statistics;
  }
  if (strcmp(name, "vkCreateComputePipelines") == 0) {
    create_compute_pipelines = (CreateComputePipelines)own;
    return (Function)compile;
  }
  return own;
}

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  Function own = load_driver() ? instance_function(instance, name) : NULL;
  return own ? replacement(name, own) : NULL;
}

Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
  return load_driver() && physical_device_function ? physical_device_function(instance, name) : NULL;
}

Result vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  if (!load_driver()) return INITIALIZATION_FAILED;
  Result (*negotiate)(uint32_t *) = (Result (*)(uint32_t *))dlsym(driver, "vk_icdNegotiateLoaderICDInterfaceVersion");
  return negotiate ? negotiate(version) : SUCCESS;
}
